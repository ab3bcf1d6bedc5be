package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.lifecycle.ClusteredVocabulary;
import org.adaptivesoftmax.lifecycle.VocabularyDiff;
import org.adaptivesoftmax.lifecycle.VocabularyDiff.Move;
import org.adaptivesoftmax.lifecycle.VocabularyDiff.Word;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares the vocabularies of two versions. */
@Command(
    name = "diff",
    description =
        "Write which words one version of a language model has that another has not, and which"
            + " stand in another cluster.")
final class DiffCommand implements Callable<CommandResult> {
  private static final int DEFAULT_TOP = 20;

  @Parameters(
      index = "0",
      paramLabel = "OLDER",
      description =
          "Model directory, whose highest version is used, or the directory of a version.")
  private Path older;

  @Parameters(index = "1", paramLabel = "NEWER", description = "The same, of the other version.")
  private Path newer;

  @Option(
      names = "--top",
      paramLabel = "N",
      description =
          "Write the N most frequent words of each kind; 0 for all (default: ${DEFAULT-VALUE}).")
  private int top = DEFAULT_TOP;

  /**
   * The difference.
   *
   * @param older the older version
   * @param newer the newer version
   * @param kept number of words of both in the same cluster
   * @param added words that only the newer one has
   * @param dropped words that only the older one has
   * @param moved words in another cluster
   */
  private record Difference(
      String older, String newer, int kept, Words added, Words dropped, Moves moved)
      implements CommandResult {
    @Override
    public String text() {
      List<String> lines = new ArrayList<>();
      lines.add("%-16s %s".formatted("older", older));
      lines.add("%-16s %s".formatted("newer", newer));
      lines.add("%-16s %,d".formatted("kept", kept));
      lines.add("%-16s %,d".formatted("added", added.count));
      added.words.forEach(word -> lines.add("  " + word.word() + ", " + name(word.cluster())));
      lines.add("%-16s %,d".formatted("dropped", dropped.count));
      dropped.words.forEach(word -> lines.add("  " + word.word() + ", " + name(word.cluster())));
      lines.add("%-16s %,d up, %,d down".formatted("moved", moved.up, moved.down));
      moved.words.forEach(
          move ->
              lines.add(
                  "  %s, %s to %s".formatted(move.word(), name(move.from()), name(move.to()))));
      return String.join(System.lineSeparator(), lines);
    }

    private static String name(int cluster) {
      return cluster == 0 ? "shortlist" : "tail cluster " + cluster;
    }
  }

  /**
   * Words of one version alone.
   *
   * @param count how many
   * @param words the most frequent of them
   */
  private record Words(int count, List<Word> words) {}

  /**
   * Words in another cluster.
   *
   * @param up how many moved towards the shortlist
   * @param down how many moved away from it
   * @param words the most frequent of them
   */
  private record Moves(int up, int down, List<Move> words) {}

  @Override
  public CommandResult call() throws IOException {
    Require.argument(top >= 0, "--top must be at least 0: %s", top);
    Path before = ModelDirectory.version(older);
    Path after = ModelDirectory.version(newer);
    VocabularyDiff diff =
        VocabularyDiff.between(ClusteredVocabulary.of(before), ClusteredVocabulary.of(after));
    return new Difference(
        before.toString(),
        after.toString(),
        diff.kept(),
        new Words(diff.added().size(), top(diff.added())),
        new Words(diff.dropped().size(), top(diff.dropped())),
        new Moves(diff.movedUp(), diff.movedDown(), top(diff.moved())));
  }

  private <T> List<T> top(List<T> words) {
    return top == 0 ? words : words.subList(0, Math.min(top, words.size()));
  }
}
