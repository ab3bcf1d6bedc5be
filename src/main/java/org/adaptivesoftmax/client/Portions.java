package org.adaptivesoftmax.client;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Rows that are asked for in several requests. */
final class Portions {
  private Portions() {}

  /** Asks for at most {@code size} rows at a time. */
  static <T, R> List<R> ask(List<T> rows, int size, Function<List<T>, List<R>> request) {
    List<R> answers = new ArrayList<>();
    for (int start = 0; start < rows.size(); start += size) {
      answers.addAll(request.apply(rows.subList(start, Math.min(rows.size(), start + size))));
    }
    return answers;
  }
}
