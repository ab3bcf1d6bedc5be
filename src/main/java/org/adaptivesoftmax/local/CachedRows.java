package org.adaptivesoftmax.local;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.tensors.BatchRows;
import org.adaptivesoftmax.internal.tensors.TensorType;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;

/** Remembers the answers for popular texts or examples, row by row, of signatures that have no other input. */
final class CachedRows implements Runner {
  /** Larger answers, such as the log-probabilities of a whole vocabulary, are not remembered. */
  private static final long MAX_VALUES = 1000;

  /** Bytes that a context takes, and each of its outputs, beside what they hold. */
  private static final long OVERHEAD = 100;

  private final Runner runner;
  private final Cache<Context, Map<String, NdArray<?>>> rows;
  private final Counts counts;

  /**
   * @param text a string, or bytes as a buffer, which has their equality
   */
  private record Context(String signature, Object text) {}

  /** Told how many rows of a request were remembered, and how many were not. */
  @FunctionalInterface
  interface Counts {
    void add(int hits, int misses);
  }

  /**
   * @param size contexts to remember at most
   * @param bytes that contexts and answers take at most
   */
  CachedRows(Runner runner, long size, long bytes, Counts counts) {
    this.runner = runner;
    // Weighed so that as many of the lightest fit as there may be contexts.
    long least = 1 + (bytes - 1) / size;
    this.rows =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .<Context, Map<String, NdArray<?>>>weigher(
                (context, row) ->
                    (int) Math.min(Integer.MAX_VALUE, Math.max(least, bytes(context, row))))
            // In the caller's thread, so that no more is kept even for a while.
            .executor(Runnable::run)
            .build();
    this.counts = counts;
  }

  private static long bytes(Context context, Map<String, NdArray<?>> row) {
    long bytes = OVERHEAD + bytes(context.text);
    for (NdArray<?> output : row.values()) {
      bytes += OVERHEAD;
      bytes +=
          TensorType.of(output) == TensorType.STRING
              ? output.streamOfObjects().mapToLong(CachedRows::bytes).sum()
              : Long.BYTES * output.size();
    }
    return bytes;
  }

  private static long bytes(Object text) {
    return text instanceof String string
        ? OVERHEAD / 2 + 2L * string.length()
        : ((ByteBuffer) text).remaining();
  }

  @Override
  public Map<String, NdArray<?>> run(String signature, Map<String, ? extends NdArray<?>> inputs) {
    NdArray<?> only = inputs.values().iterator().next();
    if (inputs.size() > 1 || only.rank() != 1 || TensorType.of(only) != TensorType.STRING) {
      return runner.run(signature, inputs);
    }
    List<Object> texts = new ArrayList<>();
    only.scalars().forEach(text -> texts.add(key(text.getObject())));
    Map<Object, Map<String, NdArray<?>>> answers = remembered(signature, texts);
    int found = Math.toIntExact(texts.stream().filter(answers::containsKey).count());
    List<Object> missing =
        texts.stream().filter(text -> !answers.containsKey(text)).distinct().toList();
    if (!missing.isEmpty()) {
      String name = inputs.keySet().iterator().next();
      answers.putAll(ask(signature, name, missing));
    }
    counts.add(found, texts.size() - found);
    return BatchRows.join(texts.stream().map(answers::get).toList());
  }

  private static Object key(Object text) {
    return text instanceof byte[] bytes ? ByteBuffer.wrap(bytes.clone()) : text;
  }

  private Map<Object, Map<String, NdArray<?>>> remembered(String signature, List<Object> texts) {
    Map<Object, Map<String, NdArray<?>>> answers = new LinkedHashMap<>();
    for (Object text : texts) {
      Map<String, NdArray<?>> row = rows.getIfPresent(new Context(signature, text));
      if (row != null) {
        answers.put(text, row);
      }
    }
    return answers;
  }

  private Map<Object, Map<String, NdArray<?>>> ask(
      String signature, String input, List<Object> texts) {
    Map<String, NdArray<?>> outputs = runner.run(signature, Map.of(input, vector(texts)));
    Map<Object, Map<String, NdArray<?>>> answers = new LinkedHashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      Map<String, NdArray<?>> row = BatchRows.slice(outputs, i, i + 1);
      if (row.values().stream().mapToLong(NdArray::size).sum() <= MAX_VALUES) {
        rows.put(new Context(signature, texts.get(i)), row);
      }
      answers.put(texts.get(i), row);
    }
    return answers;
  }

  private static NdArray<?> vector(List<Object> keys) {
    return keys.get(0) instanceof ByteBuffer
        ? NdArrays.vectorOfObjects(
            keys.stream().map(key -> ((ByteBuffer) key).array()).toArray(byte[][]::new))
        : NdArrays.vectorOfObjects(keys.toArray(String[]::new));
  }
}
