package org.adaptivesoftmax.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.adaptivesoftmax.cli.OrderlyEnd;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;
import org.tensorflow.proto.GraphDef;

/**
 * A process that trains a tiny language model, and nothing else. It reads a {@link LongRunSpec} and writes a {@link
 * LongRunSample} after each epoch.
 */
final class LongRunWorker {
  private static final int VOCABULARY = 200;
  private static final int BATCH = 4;
  private static final int TIME = 5;

  private LongRunWorker() {}

  /**
   * Serves standard input.
   *
   * @param args none
   */
  public static void main(String[] args) throws Exception {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    LongRunSpec spec = WorkerReply.JSON.readValue(requests.readLine(), LongRunSpec.class);
    OrderlyEnd.<Exception>run(() -> train(spec));
  }

  private static void train(LongRunSpec spec) throws IOException, InterruptedException {
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(VOCABULARY)
            .cutoffs(List.of(20, 80))
            .embedding(16)
            .hidden(32)
            .dropout(0.1)
            .build();
    TrainingConfiguration training =
        TrainingConfiguration.builder().batch(BATCH).steps(TIME).epochs(spec.epochs()).build();
    try (LanguageModelTrainer trainer =
        new LanguageModelTrainer(model, training, text(spec.stepsPerEpoch()))) {
      trainer.train(Optional.empty(), new Sampling(trainer));
    }
  }

  /** Random words, the frequent ones first, so that every step has other rows in other clusters. */
  private static LanguageModelText text(int steps) {
    return new LanguageModelText(words(1, steps * BATCH * TIME), words(2, BATCH * TIME), 0);
  }

  private static int[] words(long seed, int size) {
    return new Random(seed)
        .doubles(size)
        .mapToInt(uniform -> (int) (VOCABULARY * uniform * uniform * uniform))
        .toArray();
  }

  /** Writes a sample after each epoch. */
  private record Sampling(LanguageModelTrainer trainer) implements TrainingListener {
    @Override
    public void epochDone(Epoch epoch) {
      try {
        Map<String, Long> counts = Handles.count();
        GraphDef graph = trainer.graphDef();
        counts.put("graph_operations", (long) graph.getNodeCount());
        counts.put("graph_functions", (long) graph.getLibrary().getFunctionCount());
        LongRunSample sample =
            new LongRunSample(epoch.step(), ResidentMemory.nowMb().orElse(null), counts);
        System.out.println(WorkerReply.JSON.writeValueAsString(sample));
        System.out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
