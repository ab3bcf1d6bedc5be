package org.adaptivesoftmax.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;

/**
 * How long one machine's matrix products take, on a grid of shapes: n rows of d features times the weights [m, d] of m
 * classes. Between the points of the grid the logarithm of a time is linear in the logarithms of n, d and m. Below the
 * grid a time is that of the nearest point; above it, it grows in proportion. {@link CostModel#measured} and {@link
 * ServingCost#measured} make costs of it.
 *
 * @param machine what was measured: processor and number of threads
 * @param rows values of n, increasing from at least 1
 * @param features values of d, increasing from at least 1
 * @param classes values of m, increasing from at least 1
 * @param scoresMs milliseconds of the scores [n, m], by n, then d, then m; each above 0
 * @param stepMs milliseconds of the scores and both gradients, [n, d] and [m, d], in the same order
 */
public record ProductTimes(
    Machine machine,
    List<Integer> rows,
    List<Integer> features,
    List<Integer> classes,
    List<Double> scoresMs,
    List<Double> stepMs) {
  /**
   * What was measured.
   *
   * @param processor its name
   * @param threads on which the products ran
   */
  public record Machine(String processor, int threads) {}

  /**
   * Checks the grid.
   *
   * @param machine what was measured
   * @param rows values of n, increasing from at least 1
   * @param features values of d, increasing from at least 1
   * @param classes values of m, increasing from at least 1
   * @param scoresMs milliseconds of the scores, by n, then d, then m
   * @param stepMs milliseconds of the scores and both gradients, in the same order
   * @throws IllegalArgumentException if an argument is out of its range, or the numbers of values do not fit
   */
  public ProductTimes {
    rows = axis("rows", rows);
    features = axis("features", features);
    classes = axis("classes", classes);
    int points = rows.size() * features.size() * classes.size();
    scoresMs = times("scoresMs", scoresMs, points);
    stepMs = times("stepMs", stepMs, points);
  }

  private static List<Integer> axis(String name, List<Integer> values) {
    int previous = 0;
    Require.argument(!values.isEmpty(), "%s must hold a value: %s", name, values);
    for (int value : values) {
      Require.argument(value > previous, "%s must increase from 1: %s", name, values);
      previous = value;
    }
    return List.copyOf(values);
  }

  private static List<Double> times(String name, List<Double> values, int points) {
    Require.argument(
        values.size() == points, "%s must hold %d values: %d", name, points, values.size());
    for (double value : values) {
      Require.argument(
          value > 0 && !Double.isInfinite(value), "%s must be above 0 and finite: %s", name, value);
    }
    return List.copyOf(values);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param file the file
   * @return the times
   * @throws IllegalArgumentException if it is no such file; the message names it
   * @throws IllegalStateException if Jackson ({@code jackson-databind}), an optional dependency, is not on the class path
   * @throws IOException if it cannot be read
   */
  public static ProductTimes read(Path file) throws IOException {
    OptionalLibrary.JACKSON.require("the file of measured products");
    return ProductTimesJson.read(file);
  }

  /**
   * Writes a JSON object. The file appears whole or not at all; its directory is made if it is missing.
   *
   * @param file replaced if it exists
   * @throws IllegalStateException if Jackson ({@code jackson-databind}), an optional dependency, is not on the class path
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    OptionalLibrary.JACKSON.require("the file of measured products");
    ProductTimesJson.write(this, file);
  }

  /**
   * The time of the scores alone.
   *
   * @param rows n, at least 0, which may be an average
   * @param features d, at least 1
   * @param classes m, at least 1
   * @return milliseconds
   */
  public double scoresMs(double rows, double features, double classes) {
    return grid(scoresMs).at(rows, features, classes);
  }

  /**
   * The time of the scores and both gradients.
   *
   * @param rows n, at least 0, which may be an average
   * @param features d, at least 1
   * @param classes m, at least 1
   * @return milliseconds
   */
  public double stepMs(double rows, double features, double classes) {
    return grid(stepMs).at(rows, features, classes);
  }

  /** {@return the milliseconds of one multiply-add in the largest product of the scores} */
  public double perMultiplyAddMs() {
    double multiplyAdds =
        (double) rows.get(rows.size() - 1)
            * features.get(features.size() - 1)
            * classes.get(classes.size() - 1);
    return scoresMs.get(scoresMs.size() - 1) / multiplyAdds;
  }

  TimeGrid grid(List<Double> times) {
    return new TimeGrid(List.of(rows, features, classes), times);
  }
}
