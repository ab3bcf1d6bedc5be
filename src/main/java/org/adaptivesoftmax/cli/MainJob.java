package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.inference.SavedLanguageModel;

/**
 * What the command does without arguments: it trains a language model on the default corpus, exports it, loads the export
 * and completes three prompts with it.
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
   * @param completions from the exported model
   */
  record Done(@JsonUnwrapped TrainResult training, List<Completion> completions)
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
      return String.join(System.lineSeparator(), lines);
    }
  }

  @Override
  public CommandResult call() throws Exception {
    TrainingRun run = TrainCommand.defaultRun();
    TrainResult trained = run.call().result();
    List<Completion> completions = new ArrayList<>();
    try (SavedLanguageModel model = SavedLanguageModel.load(Path.of(trained.model()))) {
      List<List<NextWord>> words = model.next(PROMPTS, TOP);
      for (int i = 0; i < PROMPTS.size(); i++) {
        completions.add(new Completion(PROMPTS.get(i), words.get(i)));
      }
    }
    return new Done(trained, completions);
  }
}
