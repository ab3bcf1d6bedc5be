package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.adaptivesoftmax.cli.OrderlyEnd;
import org.tensorflow.TensorFlow;

/**
 * A process that runs one contender's training step when it is asked to. It reads a {@link StepSpec} and answers {@code
 * ready} once the weights are in place; then it answers each line {@code step} with the step's milliseconds and {@code
 * memory} with the peak of the resident set above what it was when ready. It ends with its input. {@code
 * tools/bench/train_step_pytorch.py} speaks the same.
 */
final class StepWorker {
  private StepWorker() {}

  /**
   * Serves standard input.
   *
   * @param args none
   * @throws IOException if a line is not what was agreed
   */
  public static void main(String[] args) throws IOException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    StepSpec spec = WorkerReply.JSON.readValue(requests.readLine(), StepSpec.class);
    // What TensorFlow needs for itself is there before memory is measured.
    OrderlyEnd.run(() -> warmUp(spec));
    ResidentMemory memory = ResidentMemory.start();
    try (StepGraph step = OrderlyEnd.of(() -> StepGraph.initialized(spec))) {
      ResidentMemory.forgetPeak();
      answer(WorkerReply.ready("TensorFlow " + TensorFlow.version()));
      for (String request = requests.readLine(); request != null; request = requests.readLine()) {
        switch (request) {
          case "step" -> answer(WorkerReply.ms(OrderlyEnd.of(() -> milliseconds(step))));
          case "memory" ->
              answer(WorkerReply.mb(memory.peakMb().map(mb -> mb - step.heldMb()).orElse(null)));
          default -> throw new IOException("no such request: " + request);
        }
      }
    }
  }

  private static void warmUp(StepSpec spec) {
    try (StepGraph first = StepGraph.initialized(StepSpec.smallest(spec))) {
      first.run();
    }
  }

  private static double milliseconds(StepGraph step) {
    long start = System.nanoTime();
    step.run();
    return (System.nanoTime() - start) / 1e6;
  }

  private static void answer(WorkerReply reply) throws JsonProcessingException {
    System.out.println(WorkerReply.JSON.writeValueAsString(reply));
    System.out.flush();
  }
}
