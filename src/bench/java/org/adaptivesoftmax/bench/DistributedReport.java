package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Training steps of one and of several processes on the same threads.
 *
 * @param device that computed
 * @param threads of all processes of a way
 * @param rounds number of timed rounds
 * @param models what was trained
 */
record DistributedReport(String device, int threads, int rounds, List<Model> models) {
  /**
   * One model.
   *
   * @param name of it
   * @param network its sizes
   * @param tokens of a step
   * @param weightsMb of its weights by part; Adam's moments are twice that
   * @param measured by way
   * @param scaling a model of many machines, by the network's speed
   */
  record Model(
      String name,
      ClusterSpec.Network network,
      int tokens,
      Map<String, Double> weightsMb,
      Map<ClusterWay, Way> measured,
      List<NetworkModel.Scaling> scaling) {}

  /**
   * One way.
   *
   * @param times of a step
   * @param megabytes that a step sends, by kind; empty if unknown
   * @param peakMb of each process
   */
  record Way(Measured times, Map<String, Double> megabytes, Map<String, @Nullable Double> peakMb) {}

  private static final String ROW = "  %-22s %9s %18s %10s %10s%n";

  /** The results as a table. */
  String text() {
    StringBuilder text = new StringBuilder("%s, %d threads in all%n".formatted(device, threads));
    for (Model model : models) {
      text.append(
          "%n%s: %,d words, cutoffs %s, embedding %d, LSTM %d, steps of %d words; weights in MB: %s%n"
              .formatted(
                  model.name,
                  model.network.vocabulary(),
                  model.network.cutoffs(),
                  model.network.embedding(),
                  model.network.width(),
                  model.tokens,
                  numbers(model.weightsMb)));
      text.append(ROW.formatted("", "ms", "quartiles", "tokens/s", "x one"));
      model.measured.forEach((way, of) -> append(text, model, way, of));
      for (NetworkModel.Scaling scaling : model.scaling) {
        text.append(
            "  %.0f Gbit/s, expected tokens/s by machines:".formatted(scaling.gbitPerSecond()));
        scaling
            .points()
            .forEach(
                point ->
                    text.append(
                        " %d: %,.0f (%.0f %%)"
                            .formatted(
                                point.machines(),
                                point.tokensPerSecond(),
                                100 * point.efficiency())));
        text.append("; half as efficient beyond %d%n".formatted(scaling.halfEfficient()));
      }
    }
    return text.toString().stripTrailing();
  }

  private static void append(StringBuilder text, Model model, ClusterWay way, Way of) {
    text.append(
        ROW.formatted(
            way.key(),
            "%.1f".formatted(of.times.medianMs()),
            "%.1f..%.1f".formatted(of.times.quartilesMs().get(0), of.times.quartilesMs().get(1)),
            "%,.0f".formatted(model.tokens / of.times.medianMs() * 1e3),
            "%.2f".formatted(ratio(model, way))));
    text.append(
        "    MB a step: %s; peak MB: %s%n".formatted(numbers(of.megabytes), numbers(of.peakMb)));
  }

  private static String numbers(Map<String, @Nullable Double> values) {
    List<String> parts = new ArrayList<>();
    values.forEach(
        (name, value) ->
            parts.add(name + " " + (value == null ? "unknown" : "%.2f".formatted(value))));
    return parts.isEmpty() ? "unknown" : String.join(", ", parts);
  }

  /** How many times as long as its one process's a way's step takes. */
  private static double ratio(Model model, ClusterWay way) {
    ClusterWay one = way.isPyTorch() ? ClusterWay.PYTORCH : ClusterWay.ONE_PROCESS;
    return of(model, way).times.ratioTo(of(model, one).times);
  }

  private static Way of(Model model, ClusterWay way) {
    return Objects.requireNonNull(model.measured.get(way), way.key());
  }

  @JsonValue
  Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("device", device);
    json.put("threads", threads);
    json.put("rounds", rounds);
    json.put("results", models.stream().map(DistributedReport::json).toList());
    return json;
  }

  private static Map<String, Object> json(Model model) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", model.name);
    json.put("network", model.network);
    json.put("tokens", model.tokens);
    json.put("weights_mb", model.weightsMb);
    List<Map<String, Object>> ways = new ArrayList<>();
    model.measured.forEach(
        (way, of) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("way", way.key());
          row.put("ms", of.times.medianMs());
          row.put("quartiles_ms", of.times.quartilesMs());
          row.put("tokens_per_second", model.tokens / of.times.medianMs() * 1e3);
          row.put("to_one_process", ratio(model, way));
          row.put("mb_per_step", of.megabytes);
          row.put("peak_mb", of.peakMb);
          ways.add(row);
        });
    json.put("ways", ways);
    json.put("scaling", model.scaling);
    return json;
  }
}
