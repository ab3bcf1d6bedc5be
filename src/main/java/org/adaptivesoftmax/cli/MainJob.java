package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.SavedLanguageModel;

/**
 * What the command does without arguments: it trains a language model on the default corpus, exports it, loads the export,
 * completes three prompts with it, and times a few steps of the same model with a full softmax.
 */
final class MainJob implements Callable<CommandResult> {
  private static final List<String> PROMPTS =
      List.of("a small", "the act of", "a person who is skilled in");
  private static final int TOP = 5;

  /**
   * The next words of a prompt.
   *
   * @param text the prompt
   * @param words its most probable next words, best first
   */
  record Completion(String text, List<NextWord> words) {}

  /**
   * The result of the main job.
   *
   * @param training what training gave
   * @param times what the adaptive softmax bought
   * @param completions from the exported model
   */
  record Done(
      @JsonUnwrapped TrainResult training,
      @JsonUnwrapped StepTimes times,
      List<Completion> completions)
      implements CommandResult {
    @Override
    public String text() {
      List<String> lines = new ArrayList<>(List.of(training.text()));
      for (Completion completion : completions) {
        lines.add(completion.text + " …");
        completion.words.forEach(
            next ->
                lines.add(
                    "  %-20s %.1f %%".formatted(next.word(), 100 * Math.exp(next.logProb()))));
      }
      lines.add(
          "a training step takes %.1f ms, with a full softmax %.1f ms: %.1f times as long"
              .formatted(times.stepMs(), times.fullSoftmaxStepMs(), times.speedup()));
      return String.join(System.lineSeparator(), lines);
    }
  }

  @Override
  public CommandResult call() throws Exception {
    TrainingRun run = TrainCommand.defaultRun();
    TrainingRun.Outcome trained = run.call();
    System.err.println("timing a few steps, with a full softmax as well");
    StepTimes times =
        StepTimes.measure(trained.configuration(), run.training(), trained.text().text());
    return new Done(trained.result(), times, completions(Path.of(trained.result().model())));
  }

  private static List<Completion> completions(Path version) throws IOException {
    try (SavedLanguageModel model = SavedLanguageModel.load(version)) {
      List<List<NextWord>> words = new NextWords(model, false).of(PROMPTS, TOP);
      return IntStream.range(0, PROMPTS.size())
          .mapToObj(i -> new Completion(PROMPTS.get(i), words.get(i)))
          .toList();
    }
  }
}
