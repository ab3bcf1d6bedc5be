package org.adaptivesoftmax.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command has. */
final class OutputOptions {
  @Option(
      names = {"-h", "--help"},
      scope = ScopeType.INHERIT,
      usageHelp = true,
      description = "Write this help.")
  boolean help;

  @Option(
      names = "--json",
      scope = ScopeType.INHERIT,
      description = "Write the result as one JSON object.")
  boolean json;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Write the stack trace of an error.")
  boolean verbose;
}
