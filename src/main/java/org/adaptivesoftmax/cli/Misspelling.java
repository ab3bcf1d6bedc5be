package org.adaptivesoftmax.cli;

import java.util.Comparator;
import java.util.List;

/** Which names a mistyped one may stand for. */
final class Misspelling {
  private static final int SHOWN = 3;

  /** A beginning as short as this says too little. */
  private static final int SHORTEST_BEGINNING = 3;

  private Misspelling() {}

  /**
   * The names that the typed one begins; if there are none, those that differ from it by one character in four at most.
   *
   * @param typed a command or an option, perhaps with a value after {@code =}
   * @param names candidates
   * @return at most three, the nearest first
   */
  static List<String> near(String typed, List<String> names) {
    String name = typed.replaceAll("=.*", "");
    boolean begins = names.stream().anyMatch(candidate -> isBeginning(name, candidate));
    return names.stream()
        .distinct()
        .filter(candidate -> begins ? isBeginning(name, candidate) : isNear(name, candidate))
        .sorted(Comparator.comparingInt(candidate -> distance(name, candidate)))
        .limit(SHOWN)
        .toList();
  }

  private static boolean isBeginning(String name, String candidate) {
    return letters(name).length() >= SHORTEST_BEGINNING && candidate.startsWith(name);
  }

  private static boolean isNear(String name, String candidate) {
    return distance(name, candidate) <= Math.max(1, (letters(name).length() + 2) / 4);
  }

  private static String letters(String name) {
    return name.replaceAll("^-+", "");
  }

  /** How many characters must be inserted, left out, replaced or swapped with their neighbour. */
  static int distance(String a, String b) {
    int[][] distances = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        distances[i][j] = i == 0 || j == 0 ? i + j : step(distances, a, b, i, j);
      }
    }
    return distances[a.length()][b.length()];
  }

  private static int step(int[][] distances, String a, String b, int i, int j) {
    int replaced = distances[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int least = Math.min(replaced, 1 + Math.min(distances[i - 1][j], distances[i][j - 1]));
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
  }
}
