package org.adaptivesoftmax.text;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a text, divided into tokens by several threads while one reads: batches of lines wait for a thread, so few that
 * their memory does not count.
 */
final class CountedLines {
  private static final int BATCH_CHARS = 1 << 17;

  private final Counting counting;
  private final LongConsumer progress;
  private final ExecutorService pool;
  private final Semaphore waiting;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private List<String> batch = new ArrayList<>();
  private int chars;
  private long tokens;
  private long documents;

  private CountedLines(Counting counting, int threads, LongConsumer progress) {
    this.counting = counting;
    this.progress = progress;
    pool = Executors.newFixedThreadPool(threads);
    waiting = new Semaphore(2 * threads);
  }

  static CountedLines count(Corpus corpus, Counting counting, int threads, LongConsumer progress)
      throws IOException {
    CountedLines lines = new CountedLines(counting, threads, progress);
    try {
      corpus.forEachLine(lines::add);
      lines.submit();
    } catch (CompletionException e) {
      // A thread failed, as is told below.
    } finally {
      lines.end();
    }
    lines.throwFailure();
    return lines;
  }

  synchronized long tokens() {
    return tokens;
  }

  synchronized long documents() {
    return documents;
  }

  private void add(String line) {
    batch.add(line);
    chars += line.length();
    if (chars >= BATCH_CHARS) {
      submit();
    }
  }

  private void submit() {
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw new CompletionException(thrown);
    }
    List<String> lines = batch;
    batch = new ArrayList<>();
    chars = 0;
    waiting.acquireUninterruptibly();
    pool.execute(
        () -> {
          try {
            count(lines);
          } catch (Throwable e) { // Errors too: they would end a thread of the pool unseen.
            failure.compareAndSet(null, e);
          } finally {
            waiting.release();
          }
        });
  }

  private void count(List<String> lines) throws IOException {
    long found = 0;
    long nonEmpty = 0;
    for (String line : lines) {
      List<String> words = Tokenizer.words(line);
      counting.add(words);
      found += words.size();
      nonEmpty += words.isEmpty() ? 0 : 1;
    }
    synchronized (this) {
      tokens += found;
      documents += nonEmpty;
      progress.accept(tokens);
    }
  }

  private void end() {
    pool.shutdown();
    boolean ended = false;
    while (!ended) {
      try {
        ended = pool.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        failure.compareAndSet(null, new InterruptedIOException("interrupted while counting"));
        pool.shutdownNow();
      }
    }
  }

  private void throwFailure() throws IOException {
    Throwable thrown = failure.get();
    if (thrown instanceof IOException e) {
      throw e;
    }
    if (thrown instanceof RuntimeException e) {
      throw e;
    }
    if (thrown instanceof Error e) {
      throw e;
    }
  }
}
