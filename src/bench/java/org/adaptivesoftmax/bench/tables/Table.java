package org.adaptivesoftmax.bench.tables;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A table in Markdown. */
final class Table {
  private final int width;
  private final List<String> lines = new ArrayList<>();

  Table(List<String> head) {
    width = head.size();
    row(head);
    lines.add("|" + String.join("|", Collections.nCopies(width, "---")) + "|");
  }

  /** A table with these titles. */
  static Table of(String... head) {
    return new Table(List.of(head));
  }

  /** Adds a row. */
  Table row(List<String> cells) {
    if (cells.size() != width) {
      throw new IllegalArgumentException("a row must have %d cells: %s".formatted(width, cells));
    }
    lines.add("| " + String.join(" | ", cells) + " |");
    return this;
  }

  /** Adds a row. */
  Table row(String... cells) {
    return row(List.of(cells));
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
