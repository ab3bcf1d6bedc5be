package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.LabelledCorpus;

/**
 * The groups of lines {@code group<TAB>text}.
 *
 * @param names of the groups, in the order of their first lines
 * @param groupOfLine the place of each line's group in the names, by the number of the line
 */
@SuppressWarnings("ArrayRecordComponent") // Read, never compared.
record LineGroups(List<String> names, int[] groupOfLine) {
  /** More could not be told apart, neither by a reader nor by a test that corrects for their number. */
  static final int MOST = 200;

  static final LineGroups NONE = new LineGroups(List.of(), new int[0]);

  static LineGroups of(LabelledCorpus lines) throws IOException {
    Map<String, Integer> places = new LinkedHashMap<>();
    int[][] groups = {new int[1024]};
    int[] count = {0};
    lines.forEachExample(
        line -> {
          if (count[0] == groups[0].length) {
            groups[0] = Arrays.copyOf(groups[0], 2 * count[0]);
          }
          places.putIfAbsent(line.label(), places.size());
          groups[0][count[0]++] = Objects.requireNonNull(places.get(line.label()));
          Require.argument(
              places.size() <= MOST,
              "%s: more than %s groups, as line %s begins another",
              lines.name(),
              MOST,
              line.line());
        });
    return new LineGroups(new ArrayList<>(places.keySet()), Arrays.copyOf(groups[0], count[0]));
  }

  /** The texts without their groups. */
  static Corpus texts(LabelledCorpus lines) {
    return new Texts(lines);
  }

  private record Texts(LabelledCorpus lines) implements Corpus {
    @Override
    public String name() {
      return lines.name();
    }

    @Override
    public void forEachLine(Consumer<String> action) throws IOException {
      lines.forEachExample(line -> action.accept(line.text()));
    }
  }
}
