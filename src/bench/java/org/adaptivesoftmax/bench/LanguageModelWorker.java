package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.adaptivesoftmax.cli.OrderlyEnd;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.StepProfiler;
import org.tensorflow.TensorFlow;

/**
 * A process that trains one contender's language model when it is asked to. It reads a {@link LanguageModelSpec} and answers
 * {@code ready} once the weights are in place; then it answers each line {@code step} with the mean milliseconds of the
 * spec's number of training steps. It ends with its input. {@code tools/bench/language_model_step_pytorch.py} speaks the
 * same.
 */
final class LanguageModelWorker {
  private LanguageModelWorker() {}

  /**
   * Serves standard input.
   *
   * @param args none
   * @throws IOException if a line is not what was agreed
   */
  public static void main(String[] args) throws IOException {
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    LanguageModelSpec spec =
        WorkerReply.JSON.readValue(requests.readLine(), LanguageModelSpec.class);
    try (LanguageModelTrainer trainer = OrderlyEnd.of(spec::trainer);
        StepProfiler profiler = new StepProfiler(trainer)) {
      answer(WorkerReply.ready("TensorFlow " + TensorFlow.version()));
      for (String request = requests.readLine(); request != null; request = requests.readLine()) {
        if (!request.equals("step")) {
          throw new IOException("no such request: " + request);
        }
        answer(WorkerReply.ms(OrderlyEnd.of(() -> profiler.milliseconds(spec.course().windows()))));
      }
    }
  }

  private static void answer(WorkerReply reply) throws JsonProcessingException {
    System.out.println(WorkerReply.JSON.writeValueAsString(reply));
    System.out.flush();
  }
}
