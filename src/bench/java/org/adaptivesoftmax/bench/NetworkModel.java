package org.adaptivesoftmax.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The step of N machines, each a replica like the one that was measured: what a machine computes alone, and then what it sends
 * over a network of which nothing else is known than its speed.
 *
 * <pre>{@code
 * T(N) = T(1) + (2 (N − 1) / N · dense + (N − 1) · rows) / speed
 * }</pre>
 *
 * @param stepMs T(1), of a machine with its whole batch
 * @param words that a machine learns from in a step
 * @param denseMb the gradients that are averaged over all machines, in a ring
 * @param rowsMb the embedding's rows that each machine sends to every other
 */
record NetworkModel(double stepMs, int words, double denseMb, double rowsMb) {
  private static final int MOST_MACHINES = 1024;
  private static final double MB_PER_GBIT = 125;

  /**
   * A number of machines.
   *
   * @param machines N
   * @param ms T(N)
   * @param tokensPerSecond N · words / T(N)
   * @param efficiency T(1) / T(N)
   */
  record Point(int machines, double ms, double tokensPerSecond, double efficiency) {}

  /**
   * A network.
   *
   * @param gbitPerSecond its speed
   * @param points for 1, 2, 4, … machines
   * @param halfEfficient the most machines that each give at least half of what one alone does; beyond it scales badly
   * @param limitTokensPerSecond what no number of machines exceeds: all of them receive every row
   */
  record Scaling(
      double gbitPerSecond, List<Point> points, int halfEfficient, double limitTokensPerSecond) {}

  Scaling at(double gbitPerSecond) {
    List<Point> points = new ArrayList<>();
    int half = 1;
    for (int machines = 1; machines <= MOST_MACHINES; machines++) {
      Point point = point(machines, gbitPerSecond);
      if (Integer.bitCount(machines) == 1 && machines <= 64) {
        points.add(point);
      }
      half = point.efficiency >= 0.5 ? machines : half;
    }
    return new Scaling(
        gbitPerSecond, points, half, words / (rowsMb / (gbitPerSecond * MB_PER_GBIT)));
  }

  private Point point(int machines, double gbitPerSecond) {
    double mb = 2.0 * (machines - 1) / machines * denseMb + (machines - 1) * rowsMb;
    double ms = stepMs + 1e3 * mb / (gbitPerSecond * MB_PER_GBIT);
    return new Point(machines, ms, machines * words / ms * 1e3, stepMs / ms);
  }
}
