package org.adaptivesoftmax.export;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.adaptivesoftmax.text.BertCharacters;

/**
 * What becomes of all characters: few runs of those that nothing or the same happens to, and the others one by one.
 *
 * @param starts first code point of each run, in increasing order, from 0 on
 * @param kinds of each run, {@link #OWN}, {@link #APART} or {@link #GONE}
 * @param changed replacements of the other characters, by code point; their runs do not count
 */
@SuppressWarnings("ArrayRecordComponent") // Constants of a graph, never compared.
record CharacterRuns(int[] starts, int[] kinds, SortedMap<Integer, String> changed) {
  /** The characters stay. */
  static final int OWN = 0;

  /** They stand between spaces. */
  static final int APART = 1;

  /** They vanish. */
  static final int GONE = 2;

  static CharacterRuns of(BertCharacters characters) {
    List<Integer> starts = new ArrayList<>();
    List<Integer> kinds = new ArrayList<>();
    SortedMap<Integer, String> changed = new TreeMap<>();
    for (int codePoint = 0; codePoint <= Character.MAX_CODE_POINT; codePoint++) {
      String own = Character.toString(codePoint);
      String replacement = characters.of(codePoint);
      int kind = OWN;
      if (replacement.isEmpty()) {
        kind = GONE;
      } else if (replacement.equals(" " + own + " ")) {
        kind = APART;
      } else if (!replacement.equals(own)) {
        changed.put(codePoint, replacement);
        continue;
      }
      if (kinds.isEmpty() || kinds.get(kinds.size() - 1) != kind) {
        starts.add(codePoint);
        kinds.add(kind);
      }
    }
    return new CharacterRuns(
        starts.stream().mapToInt(Integer::intValue).toArray(),
        kinds.stream().mapToInt(Integer::intValue).toArray(),
        changed);
  }
}
