package org.adaptivesoftmax.lifecycle;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;

/**
 * The tokens that would stand in another cluster if they were ranked by the live counts.
 *
 * <p>By chance alone, many would. So a token counts only if its live count n is beyond the count t at the cutoff where it would
 * leave its cluster by more than the sampling error of a Poisson count, which has deviation ½ on the scale of Anscombe's
 * square root:
 *
 * <pre>{@code
 * 2 · |√(n + ⅜) − √(t + ⅜)| > z
 * }</pre>
 *
 * <p>with z of 95 in 100 for the value and the tokens listed, of 999 in 1,000 for the lower end, and 0, the bare ranks, for the
 * upper end.
 *
 * @param up the share of the live text that tokens have which would move towards the head
 * @param down the share of the model's own text that tokens have which would move away from it
 * @param top those that make the largest difference, at most {@value #TOP}, first the one whose share has changed most
 */
public record Migrations(Figure up, Figure down, List<Move> top) {
  /** How many tokens are listed at most. */
  public static final int TOP = 20;

  private static final double CERTAIN = 3.290527;

  /**
   * A token that would move.
   *
   * @param rank of the token in the model
   * @param from its cluster: 0 for the head, i for tail cluster i, counted from 1
   * @param to the cluster by its live count
   * @param shareThen of the model's own text
   * @param shareNow of the live text
   */
  public record Move(int rank, int from, int to, double shareThen, double shareNow) {
    private double change() {
      return Math.abs(shareNow - shareThen);
    }
  }

  /**
   * Copies the list.
   *
   * @param up the share of the live text that tokens have which would move towards the head
   * @param down the share of the model's own text that tokens have which would move away from it
   * @param top those that make the largest difference
   */
  public Migrations {
    top = List.copyOf(top);
  }

  static Migrations of(DriftCounts counts) {
    Ranking ranking = new Ranking(counts);
    return new Migrations(
        new Figure(ranking.up(Figure.Z), ranking.up(CERTAIN), ranking.up(0)),
        new Figure(ranking.down(Figure.Z), ranking.down(CERTAIN), ranking.down(0)),
        ranking.top());
  }

  /** All tokens in the order of their live counts. */
  private static final class Ranking {
    private final ClusterPlan plan;
    private final long[] then;
    private final long[] now;
    private final double tokensThen;
    private final double tokensNow;

    /** By rank: the cluster of the model, and that by the live counts. */
    private final int[] from;

    private final int[] to;

    /** By cutoff: the live count between the two tokens beside it. */
    private final double[] atCutoff;

    Ranking(DriftCounts counts) {
      plan = counts.plan();
      then = counts.then();
      now = counts.now();
      tokensThen = Arrays.stream(then).sum();
      tokensNow = Arrays.stream(now).sum();
      from = IntStream.range(0, plan.nClasses()).map(plan::cluster).toArray();
      to = from.clone();
      atCutoff = new double[plan.nTails()];
      int[] places =
          IntStream.range(0, now.length)
              .filter(rank -> counts.pinnedRank().orElse(-1) != rank)
              .toArray();
      int[] order = order(places);
      for (int i = 0; i < order.length; i++) {
        int cluster = from[places[i]];
        to[order[i]] = cluster;
        if (i > 0 && from[places[i - 1]] != cluster) {
          atCutoff[cluster - 1] = (now[order[i - 1]] + now[order[i]]) / 2.0;
        }
      }
    }

    /** By decreasing live count; tokens with the same one in the model's order. */
    private int[] order(int[] places) {
      long[] keys = new long[places.length];
      for (int i = 0; i < places.length; i++) {
        // Counts above the largest int are of the head, whatever their order.
        long count = Math.min(now[places[i]], Integer.MAX_VALUE);
        keys[i] = (Integer.MAX_VALUE - count) << Integer.SIZE | places[i];
      }
      Arrays.sort(keys);
      return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    private boolean moves(int rank, double z) {
      if (to[rank] == from[rank]) {
        return false;
      }
      int cutoff = to[rank] < from[rank] ? from[rank] - 1 : from[rank];
      double beyond = Math.sqrt(now[rank] + 0.375) - Math.sqrt(atCutoff[cutoff] + 0.375);
      return 2 * Math.abs(beyond) > z || z == 0;
    }

    double up(double z) {
      return IntStream.range(0, now.length)
              .filter(rank -> to[rank] < from[rank] && moves(rank, z))
              .mapToDouble(rank -> now[rank])
              .sum()
          / tokensNow;
    }

    double down(double z) {
      return IntStream.range(0, now.length)
              .filter(rank -> to[rank] > from[rank] && moves(rank, z))
              .mapToDouble(rank -> then[rank])
              .sum()
          / tokensThen;
    }

    List<Move> top() {
      return IntStream.range(0, now.length)
          .filter(rank -> moves(rank, Figure.Z))
          .mapToObj(
              rank ->
                  new Move(
                      rank, from[rank], to[rank], then[rank] / tokensThen, now[rank] / tokensNow))
          .sorted(Comparator.comparingDouble(Move::change).reversed())
          .limit(TOP)
          .toList();
    }
  }
}
