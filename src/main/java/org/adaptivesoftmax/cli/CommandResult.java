package org.adaptivesoftmax.cli;

/**
 * What a command found out: a record, whose components in snake case are the keys of the JSON object. A command is a
 * {@code Callable} of it; nobody but {@link Main} writes to standard output.
 */
public interface CommandResult {
  /** The result for a reader, one or more lines. */
  String text();
}
