package org.adaptivesoftmax.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Writes the script that lets a shell complete this command's arguments. */
@Command(
    name = "generate-completion",
    description = "Write a script that completes commands and options in bash and zsh.",
    footer = {"For the current shell:", "  source <(adaptive-softmax generate-completion)"})
final class CompletionCommand implements Callable<CommandResult> {
  @Spec private CommandSpec spec;

  /**
   * The script.
   *
   * @param script for bash and zsh
   */
  private record Generated(String script) implements CommandResult {
    @Override
    public String text() {
      return script.stripTrailing();
    }
  }

  @Override
  public CommandResult call() {
    CommandSpec root = spec.root();
    return new Generated(AutoComplete.bash(root.name(), root.commandLine()));
  }
}
