package org.adaptivesoftmax.export;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.BytesList;
import org.tensorflow.proto.Example;
import org.tensorflow.proto.Feature;
import org.tensorflow.proto.Features;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** A signature of a loaded export, asked for some of a fixed list of rows; what they hold follows from the inputs' types. */
public record ServedSignature(
    String kind, String key, SignatureDef definition, SavedModelBundle bundle) {
  /** Classes that a target may be of. */
  public static final int CLASSES = 14;

  private static final List<String> TEXTS =
      List.of(
          "the quick brown fox",
          "",
          "The DOG isn't  lazy; DON\u2019T\u00A0wake it, well\u2010known\tÉCLAIR!",
          "a zebra",
          "how are you? the dog is a fox of 1914-1918 , and a dog is not lazy in the quick garden .",
          " \t ");

  public static final int ROWS = TEXTS.size();

  /** An output: its shape, and its values as String, Float or Long. */
  public record Answer(List<Long> shape, List<Object> values) {
    private static Answer of(Tensor tensor) {
      List<Object> values = new ArrayList<>();
      if (tensor instanceof TString strings) {
        strings.scalars().forEach(scalar -> values.add(scalar.getObject()));
      } else if (tensor instanceof TFloat32 floats) {
        floats.scalars().forEach(scalar -> values.add(scalar.getFloat()));
      } else if (tensor instanceof TBool truths) {
        truths.scalars().forEach(scalar -> values.add(scalar.getBoolean()));
      } else {
        ((TInt64) tensor).scalars().forEach(scalar -> values.add(scalar.getLong()));
      }
      return new Answer(LongStream.of(tensor.shape().asArray()).boxed().toList(), values);
    }

    /** From one row up to another. */
    public Answer rows(int from, int to) {
      List<Long> part = new ArrayList<>(shape);
      part.set(0, (long) to - from);
      int width = (int) (values.size() / shape.get(0));
      return new Answer(part, values.subList(from * width, to * width));
    }
  }

  /** The answer for some rows of the list, by output. */
  public Map<String, Answer> call(int... rows) {
    return call(Float.NaN, false, rows);
  }

  /** The answer for a row whose first number is the given one. */
  public Map<String, Answer> callWith(float first) {
    return call(first, true, 0, 1);
  }

  /** The inputs that may hold what has no answer: all but texts and seeds. */
  public List<String> fallibleInputs() {
    return definition.getInputsMap().keySet().stream()
        .filter(name -> !name.equals("text") && !name.equals("seed"))
        .sorted()
        .toList();
  }

  /** The answer for some rows, the first of which has no answer because of an input. */
  public Map<String, Answer> callAfterBad(String bad, int... rows) {
    return call(Float.NaN, bad.equals("inputs"), bad, rows);
  }

  private Map<String, Answer> call(float first, boolean replaced, int... rows) {
    return call(first, replaced, "", rows);
  }

  private Map<String, Answer> call(float first, boolean replaced, String bad, int... rows) {
    Map<String, Tensor> inputs = new TreeMap<>();
    try {
      definition
          .getInputsMap()
          .forEach(
              (name, info) ->
                  inputs.put(name, input(name, info, first, replaced, bad.equals(name), rows)));
      try (Result result = bundle.function(key).call(inputs)) {
        Map<String, Answer> answers = new TreeMap<>();
        result.forEach(output -> answers.put(output.getKey(), Answer.of(output.getValue())));
        return answers;
      }
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }

  private Tensor input(
      String name, TensorInfo info, float first, boolean replaced, boolean bad, int[] rows) {
    return switch (name) {
      case "text" -> texts(rows);
      case "seed" -> TInt64.vectorOf(Arrays.stream(rows).mapToLong(row -> 1000L + row).toArray());
      case "temperature" -> {
        float[] values = new float[rows.length];
        IntStream.range(0, rows.length).forEach(i -> values[i] = 0.5f + rows[i] / 2f);
        if (bad) {
          values[0] = 0;
        }
        yield TFloat32.vectorOf(values);
      }
      case "targets" -> {
        long[] targets = Arrays.stream(rows).mapToLong(row -> row * 3L % CLASSES).toArray();
        if (bad) {
          targets[0] = 1L << 40;
        }
        yield TInt64.vectorOf(targets);
      }
      case "inputs" ->
          definition.getMethodName().endsWith("/classify")
              ? examples(bad, rows)
              : numbers((int) info.getTensorShape().getDim(1).getSize(), first, replaced, rows);
      default -> throw new AssertionError("input " + name);
    };
  }

  private static Tensor texts(int[] rows) {
    return TString.tensorOf(
        StandardCharsets.UTF_8,
        Shape.of(rows.length),
        DataBuffers.ofObjects(Arrays.stream(rows).mapToObj(TEXTS::get).toArray(String[]::new)));
  }

  private static Tensor examples(boolean bad, int[] rows) {
    if (rows.length == 0) {
      return texts(rows);
    }
    byte[][] examples =
        Arrays.stream(rows).mapToObj(row -> example(TEXTS.get(row))).toArray(byte[][]::new);
    if (bad) {
      examples[0] = Example.getDefaultInstance().toByteArray();
    }
    return TString.tensorOfBytes(NdArrays.vectorOfObjects(examples));
  }

  private static byte[] example(String text) {
    BytesList bytes = BytesList.newBuilder().addValue(ByteString.copyFromUtf8(text)).build();
    return Example.newBuilder()
        .setFeatures(
            Features.newBuilder()
                .putFeature("text", Feature.newBuilder().setBytesList(bytes).build()))
        .build()
        .toByteArray();
  }

  private static Tensor numbers(int width, float first, boolean replaced, int[] rows) {
    float[] values = new float[rows.length * width];
    for (int i = 0; i < values.length; i++) {
      // Row 5 is large, but no logit of it overflows.
      int row = rows[i / width];
      values[i] = (float) Math.sin(row * width + i % width + 1) * (row == 5 ? 1e20f : 1);
    }
    if (replaced) {
      values[0] = first;
    }
    return TFloat32.tensorOf(Shape.of(rows.length, width), DataBuffers.of(values));
  }

  @Override
  public String toString() {
    return kind + ", " + key;
  }
}
