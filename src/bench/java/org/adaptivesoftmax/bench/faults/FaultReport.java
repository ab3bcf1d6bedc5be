package org.adaptivesoftmax.bench.faults;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * What came of commands whose system calls failed.
 *
 * @param every of how many points one was tried
 * @param commands each with its points
 */
public record FaultReport(int every, List<CommandFaults> commands) {
  /**
   * One command.
   *
   * @param command its name
   * @param calls system calls that touch its files, by name and number
   * @param points calls and faults that there are
   * @param tried of these
   * @param reached of those tried: in the others the run made fewer calls
   * @param seconds that they took
   * @param failures what did not hold
   */
  public record CommandFaults(
      FaultScenario command,
      int calls,
      int points,
      int tried,
      int reached,
      double seconds,
      List<Failure> failures) {}

  /**
   * A point at which something does not hold.
   *
   * @param injection as strace was told
   * @param hit the call that failed, as strace wrote it
   * @param problems what does not hold
   */
  public record Failure(String injection, String hit, List<String> problems) {}

  /** Points that were tried, of all commands. */
  @JsonProperty
  public int tried() {
    return commands.stream().mapToInt(CommandFaults::tried).sum();
  }

  /** Points at which something does not hold. */
  @JsonProperty
  public int failed() {
    return commands.stream().mapToInt(command -> command.failures.size()).sum();
  }

  /** A line for each command, and one for each failure. */
  public String text() {
    List<String> lines = new ArrayList<>();
    for (CommandFaults command : commands) {
      lines.add(
          "%-16s %d calls, %d points, %d tried, %d reached, %d failed, %.0f s"
              .formatted(
                  command.command.key(),
                  command.calls,
                  command.points,
                  command.tried,
                  command.reached,
                  command.failures.size(),
                  command.seconds));
      for (Failure failure : command.failures) {
        lines.add("  %s: %s: %s".formatted(failure.injection, failure.hit, failure.problems));
      }
    }
    return String.join(System.lineSeparator(), lines);
  }
}
