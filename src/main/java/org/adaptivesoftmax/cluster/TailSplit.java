package org.adaptivesoftmax.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.internal.io.Require;

/**
 * Which of several tasks holds each tail cluster of a layer.
 *
 * @param tasks how many there are; 0 if nothing is divided
 * @param taskOfTail the task of each tail cluster, in order of rank; empty if nothing is divided
 */
public record TailSplit(int tasks, List<Integer> taskOfTail) {
  /** Every process that trains holds every cluster. */
  public static final TailSplit NONE = new TailSplit(0, List.of());

  /**
   * Checks that every task has a cluster.
   *
   * @throws IllegalArgumentException if one has none, or a cluster's task is out of its range
   */
  public TailSplit {
    taskOfTail = List.copyOf(taskOfTail);
    Require.argument(tasks >= 0, "tail tasks must be at least 0: %s", tasks);
    for (int task : taskOfTail) {
      Require.argument(
          task >= 0 && task < tasks,
          "the task of a tail cluster must be in 0..%d: %d",
          tasks - 1,
          task);
    }
    for (int task = 0; task < tasks; task++) {
      Require.argument(
          taskOfTail.contains(task),
          "tail task %d of %d has no tail cluster: %s",
          task,
          tasks,
          taskOfTail);
    }
  }

  /**
   * Divides a plan's tail clusters so that the costliest task costs little: the costliest cluster first, each to the task that
   * costs least so far (longest processing time first; Graham, 1969: at most 4/3 of the best).
   *
   * @param report what each cluster costs
   * @param tasks at least 1
   * @throws IllegalArgumentException if there are more tasks than tail clusters
   */
  public static TailSplit byCost(PlanReport report, int tasks) {
    int tails = report.plan().nTails();
    Require.argument(
        tasks >= 1 && tasks <= tails,
        "tail tasks must be in 1..%d, the tail clusters: %d",
        tails,
        tasks);
    double[] load = new double[tasks];
    List<Integer> taskOfTail = new ArrayList<>(Collections.nCopies(tails, 0));
    IntStream.range(0, tails)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer tail) -> cost(report, tail)).reversed())
        .forEach(
            tail -> {
              int least = 0;
              for (int task = 1; task < tasks; task++) {
                least = load[task] < load[least] ? task : least;
              }
              load[least] += cost(report, tail);
              taskOfTail.set(tail, least);
            });
    return new TailSplit(tasks, taskOfTail);
  }

  /**
   * Checks that every tail cluster of a plan has a task, if anything is divided.
   *
   * @throws IllegalArgumentException if not
   */
  public void requireOf(ClusterPlan plan) {
    Require.argument(
        tasks == 0 || taskOfTail.size() == plan.nTails(),
        "a split must name a task for each of %d tail clusters: %s",
        plan.nTails(),
        taskOfTail);
  }

  /** The tail clusters of a task, counted from 0. */
  public List<Integer> tailsOf(int task) {
    return IntStream.range(0, taskOfTail.size())
        .filter(tail -> taskOfTail.get(tail) == task)
        .boxed()
        .toList();
  }

  /** A task's share of the expected cost of a step, in 0..1. */
  public double costShare(PlanReport report, int task) {
    return tailsOf(task).stream().mapToDouble(tail -> cost(report, tail)).sum();
  }

  private static double cost(PlanReport report, int tail) {
    return report.clusters().get(1 + tail).costShare();
  }
}
