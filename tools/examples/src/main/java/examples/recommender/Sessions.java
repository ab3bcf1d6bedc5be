package examples.recommender;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Visits to a shop, made up; put your own here. Item ids are whatever the shop has. A visitor stays in one department, where
 * few items are bought often and many rarely (Zipf's law), and mostly goes on to the item that goes with the last.
 */
final class Sessions {
  private static final int DEPARTMENTS = 100;
  private static final int ITEMS_OF_DEPARTMENT = 100;
  private static final int SET = 4;
  private static final double GOES_ON = 0.7;
  private static final double[] SUMS = sums();

  private Sessions() {}

  /** The item ids of each visit, in the order of the visit. */
  static List<long[]> generate(int visits, long seed) {
    Random random = new Random(seed);
    List<long[]> sessions = new ArrayList<>();
    for (int visit = 0; visit < visits; visit++) {
      int department = random.nextInt(DEPARTMENTS);
      int item = popular(random);
      long[] session = new long[3 + random.nextInt(6)];
      for (int i = 0; i < session.length; i++) {
        session[i] = id(department, item);
        item = random.nextDouble() < GOES_ON ? goesWith(item) : popular(random);
      }
      sessions.add(session);
    }
    return sessions;
  }

  /** Items come in sets: each goes with the next of its set. */
  private static int goesWith(int item) {
    return item / SET * SET + (item + 1) % SET;
  }

  /** An item of the department, the r-th with a probability in proportion to 1 / (r + 1). */
  private static int popular(Random random) {
    double drawn = random.nextDouble() * SUMS[ITEMS_OF_DEPARTMENT];
    return (int) IntStream.range(1, ITEMS_OF_DEPARTMENT).filter(i -> SUMS[i] <= drawn).count();
  }

  private static double[] sums() {
    double[] sums = new double[ITEMS_OF_DEPARTMENT + 1];
    for (int i = 0; i < ITEMS_OF_DEPARTMENT; i++) {
      sums[i + 1] = sums[i] + 1.0 / (i + 1);
    }
    return sums;
  }

  /** No order, no gaps that mean anything: as ids are. */
  private static long id(int department, int item) {
    long number = (long) department * ITEMS_OF_DEPARTMENT + item;
    return 4_000_000_000L + number * 6_700_417L % 1_000_003L;
  }
}
