package org.adaptivesoftmax.bench.tables;

import static org.adaptivesoftmax.bench.tables.Results.decimal;
import static org.adaptivesoftmax.bench.tables.Results.get;
import static org.adaptivesoftmax.bench.tables.Results.has;
import static org.adaptivesoftmax.bench.tables.Results.integer;
import static org.adaptivesoftmax.bench.tables.Results.measured;
import static org.adaptivesoftmax.bench.tables.Results.ms;
import static org.adaptivesoftmax.bench.tables.Results.number;
import static org.adaptivesoftmax.bench.tables.Results.percent;
import static org.adaptivesoftmax.bench.tables.Results.slashes;
import static org.adaptivesoftmax.bench.tables.Results.text;
import static org.adaptivesoftmax.bench.tables.Results.times;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One table for each measurement. Below a table stands what it was measured with.
 *
 * @param results what was measured
 */
record MeasuredTables(Results results) {
  private static final String NONE = "–";

  /** Names of the compiled form's measurements, a shape each. */
  private static final List<String> COMPILED =
      List.of("compiled-default-corpus", "compiled-small", "compiled-wikitext-103");

  /** The few numbers of the README. */
  String headline() throws IOException {
    Table table = Table.of("", "adaptive softmax", "full softmax", "PyTorch's adaptive");
    JsonNode steps = results.read("train-step");
    for (String name : List.of("small", "wikitext-103", "billion-word")) {
      for (JsonNode step : get(steps, "results")) {
        if (text(step, "shape").equals(name)) {
          String what = "training step, %s classes".formatted(number(integer(step, "classes"), 0));
          table.row(what, "**%s**".formatted(ms(decimal(step, "ours_ms"))), full(step), peer(step));
        }
      }
    }
    JsonNode decode = results.read("decode");
    for (JsonNode top : get(decode, "results")) {
      if (integer(top, "batch") == 1) {
        String what =
            "best %d, %s, one row".formatted(integer(top, "k"), layer(text(top, "shape")));
        table.row(what, "**%s**".formatted(ms(decimal(top, "ours_ms"))), full(top), peer(top));
      }
    }
    String machines =
        Stream.of(steps, decode).map(Results::machine).distinct().collect(Collectors.joining("; "));
    return "%s\n\n*%s*".formatted(table, machines);
  }

  private static String full(JsonNode result) {
    return ratio(result, "full_softmax_to_ours");
  }

  private static String peer(JsonNode result) {
    return ratio(result, "pytorch_to_ours");
  }

  private static String ratio(JsonNode result, String key) {
    return has(result, key) ? times(decimal(result, key)) : NONE;
  }

  String trainStep() throws IOException {
    JsonNode report = results.read("train-step");
    Table table =
        Table.of(
            "N × features → classes, cutoffs",
            "its products of matrices alone",
            "**ours**",
            "PyTorch",
            "full softmax",
            "memory, ours / PyTorch");
    for (JsonNode step : get(report, "results")) {
      table.row(
          shape(step),
          ms(decimal(step, "matmul_floor_ms")),
          "**%s**, %s"
              .formatted(
                  ms(decimal(step, "ours_ms")), times(decimal(step, "ours_to_matmul_floor"))),
          timeAndRatio(step, "pytorch"),
          timeAndRatio(step, "full_softmax"),
          "%s / %s MB".formatted(mb(step, "ours_mb"), mb(step, "pytorch_mb")));
    }
    return table + "\n\n" + measured(report) + rounds(get(report, "results"));
  }

  /** A contender's time and how many times ours that is. */
  private static String timeAndRatio(JsonNode step, String contender) {
    return has(step, contender + "_ms")
        ? "%s, %s ours"
            .formatted(
                ms(decimal(step, contender + "_ms")), times(decimal(step, contender + "_to_ours")))
        : NONE;
  }

  private static String mb(JsonNode step, String key) {
    return has(step, key) ? number(decimal(step, key), 0) : NONE;
  }

  private static String shape(JsonNode step) {
    return "%s × %s → %s, %s"
        .formatted(
            number(integer(step, "rows"), 0),
            number(integer(step, "in_features"), 0),
            number(integer(step, "classes"), 0),
            slashes(get(step, "cutoffs")));
  }

  private static String rounds(JsonNode measured) {
    return "\n*Medians of %d interleaved rounds; ratios are medians of the rounds' ratios.*"
        .formatted(integer(measured.get(0), "rounds"));
  }

  String compiled() throws IOException {
    Table table =
        Table.of(
            "shape", "dynamic", "compiled", "compiled / dynamic", "memory, dynamic / compiled");
    List<String> lines = new ArrayList<>();
    for (String name : COMPILED) {
      JsonNode report = results.read(name);
      JsonNode step = get(report, "results").get(0);
      double ours = decimal(step, "ours_ms");
      double compiled = decimal(step, "compiled_ms");
      table.row(
          shape(step),
          ms(ours),
          ms(compiled),
          times(compiled / ours),
          "%s / %s MB".formatted(mb(step, "ours_mb"), mb(step, "compiled_mb")));
      lines.add(measured(report));
    }
    return table + "\n\n" + String.join("\\\n", lines);
  }

  String growth() throws IOException {
    JsonNode report = results.read("growth");
    Table table = Table.of("classes", "**ours**", "PyTorch", "full softmax");
    for (JsonNode step : get(report, "results")) {
      table.row(
          number(integer(step, "classes"), 0),
          "**%s**".formatted(ms(decimal(step, "ours_ms"))),
          timeAndRatio(step, "pytorch"),
          timeAndRatio(step, "full_softmax"));
    }
    Map<String, String> grown = new LinkedHashMap<>();
    get(report, "growth")
        .properties()
        .forEach(entry -> grown.put(title(entry.getKey()), times(entry.getValue().asDouble())));
    String sentence =
        grown.isEmpty()
            ? ""
            : "From 100,000 classes to the most, a step takes this many times as long: %s.\n\n"
                .formatted(
                    grown.entrySet().stream()
                        .map(entry -> entry.getKey() + " " + entry.getValue())
                        .collect(Collectors.joining(", ")));
    return table + "\n\n" + sentence + measured(report);
  }

  private static String title(String contender) {
    return switch (contender) {
      case "ours" -> "ours";
      case "pytorch" -> "PyTorch";
      case "matmul_floor" -> "the products of matrices alone";
      default -> contender.replace('_', ' ');
    };
  }

  String languageModel() throws IOException {
    Table table = Table.of("words per second", "**ours**", "PyTorch", "full softmax, ours");
    List<String> lines = new ArrayList<>();
    for (String name : List.of("language-model", "language-model-wide")) {
      JsonNode report = results.read(name);
      table.row(
          "%s words, cutoffs %s"
              .formatted(number(integer(report, "vocabulary"), 0), slashes(get(report, "cutoffs"))),
          "**%s**".formatted(number(decimal(report, "ours_tokens_per_second"), 0)),
          speed(report, "pytorch"),
          speed(report, "full_softmax"));
      lines.add(measured(report));
    }
    JsonNode report = results.read("language-model");
    String where =
        "Outside the graph the step spends %s (%s), with %s kB allocated on Java's heap. Of the operations' time: %s."
            .formatted(
                percent(decimal(report, "host_share"), 1),
                shares(get(report, "host_shares"), 1),
                number(decimal(report, "allocated_kb"), 0),
                shares(get(report, "operation_shares"), 0));
    return table + "\n\n" + String.join("\\\n", lines) + "\n\n" + where;
  }

  private static String shares(JsonNode shares, int digits) {
    return shares.properties().stream()
        .map(part -> "%s %s".formatted(part.getKey(), percent(part.getValue().asDouble(), digits)))
        .collect(Collectors.joining(", "));
  }

  private static String speed(JsonNode report, String contender) {
    return has(report, contender + "_ms")
        ? "%s; ours is %s as fast"
            .formatted(
                number(decimal(report, contender + "_tokens_per_second"), 0),
                times(decimal(report, contender + "_to_ours")))
        : NONE;
  }

  String decode() throws IOException {
    JsonNode report = results.read("decode");
    Table table =
        Table.of(
            "",
            "rows",
            "**ours**",
            "for each row",
            "full softmax and top k",
            "PyTorch",
            "tail products left out");
    String last = "";
    for (JsonNode top : get(report, "results")) {
      String layer = text(top, "shape");
      table.row(
          layer.equals(last) ? "" : layer(layer),
          number(integer(top, "batch"), 0),
          "**%s**".formatted(ms(decimal(top, "ours_ms"))),
          ms(decimal(top, "ours_ms") / integer(top, "batch")),
          timeAndRatio(top, "full_softmax"),
          timeAndRatio(top, "pytorch"),
          percent(decimal(top, "tail_work_skipped"), 0));
      last = layer;
    }
    return table + "\n\n" + measured(report) + rounds(get(report, "results"));
  }

  private static String layer(String shape) {
    return shape.startsWith("random-")
        ? "random layer of %s classes".formatted(number(Double.parseDouble(shape.substring(7)), 0))
        : "trained layer of " + shape;
  }

  String asSoftmax() throws IOException {
    JsonNode report = results.read("as-softmax");
    Map<String, List<JsonNode>> byShare = new LinkedHashMap<>();
    for (JsonNode result : get(report, "results")) {
      byShare
          .computeIfAbsent(percent(decimal(result, "finished"), 0), share -> new ArrayList<>())
          .add(result);
    }
    List<String> head = new ArrayList<>(List.of("finished rows"));
    byShare.values().iterator().next().forEach(result -> head.add(sparseShape(result)));
    Table table = new Table(head);
    byShare.forEach(
        (share, ofShapes) -> {
          List<String> row = new ArrayList<>(List.of(share));
          ofShapes.forEach(r -> row.add(times(decimal(r, "plain_to_skipping")) + " as fast"));
          table.row(row);
        });
    return table + "\n\n" + measured(report) + rounds(get(report, "results"));
  }

  private static String sparseShape(JsonNode result) {
    return "%s, %s rows, %s classes"
        .formatted(
            text(result, "shape").replace('-', ' '),
            number(integer(result, "rows"), 0),
            number(integer(result, "classes"), 0));
  }

  String longRun() throws IOException {
    JsonNode report = results.read("long-run");
    JsonNode samples = get(report, "samples");
    Table table = Table.of("steps", "resident memory");
    for (int i = 0; i < samples.size(); i++) {
      boolean shown = i == 0 || i == samples.size() / 2 || i == samples.size() - 1;
      if (shown) {
        JsonNode sample = samples.get(i);
        table.row(
            number(integer(sample, "step"), 0),
            has(sample, "resident_mb") ? number(decimal(sample, "resident_mb"), 1) + " MB" : NONE);
      }
    }
    JsonNode last = get(samples.get(samples.size() - 1), "counts");
    List<String> same = new ArrayList<>();
    for (Map.Entry<String, JsonNode> count : last.properties()) {
      boolean everywhere = true;
      for (JsonNode sample : samples) {
        everywhere &= count.getValue().equals(sample.get("counts").get(count.getKey()));
      }
      if (everywhere) {
        same.add(
            "%s %s"
                .formatted(
                    count.getKey().replace('_', ' '), number(count.getValue().asDouble(), 0)));
      }
    }
    return table
        + "\n\nThe same in every sample: "
        + String.join(", ", same)
        + ".\n\n"
        + measured(report);
  }

  String mainJob() throws IOException {
    JsonNode report = results.read("main-job");
    JsonNode result = get(report, "result");
    Table table = Table.of("", "");
    table.row("vocabulary", number(integer(result, "vocabulary"), 0) + " words");
    table.row("cutoffs", slashes(get(result, "cutoffs")));
    table.row("validation perplexity", number(decimal(result, "perplexity"), 1));
    if (!get(result, "perplexity_by_cluster").isEmpty()) {
      table.row("perplexity by cluster", list(get(result, "perplexity_by_cluster")));
    }
    table.row(
        "perplexity of word frequencies alone", number(decimal(result, "unigram_perplexity"), 1));
    table.row("words per second", number(decimal(result, "tokens_per_second"), 0));
    if (has(result, "train_seconds")) {
      table.row("training", number(decimal(result, "train_seconds"), 0) + " s");
    }
    table.row("everything", number(decimal(report, "seconds"), 0) + " s");
    if (has(report, "peak_mb")) {
      table.row("peak memory", number(decimal(report, "peak_mb") / 1e3, 1) + " GB");
    }
    return table + "\n\n" + measured(report);
  }

  private static String list(JsonNode numbers) {
    List<String> written = new ArrayList<>();
    numbers.forEach(
        n -> written.add(n.isNull() ? NONE : number(n.asDouble(), n.asDouble() < 100 ? 1 : 0)));
    return String.join(", ", written);
  }

  String tailWeights() throws IOException {
    Table table = Table.of("tail weights", "bytes of the version", "validation perplexity");
    List<String> lines = new ArrayList<>();
    for (String name : List.of("convert-bfloat16", "convert-int8")) {
      JsonNode report = results.read(name);
      JsonNode cost = get(get(report, "result"), "tail_weights");
      if (lines.isEmpty()) {
        table.row(
            "float32",
            megabytes(cost, "float32_bytes"),
            number(decimal(cost, "float32_perplexity"), 3));
      }
      double change = decimal(cost, "perplexity") / decimal(cost, "float32_perplexity") - 1;
      table.row(
          text(cost, "form"),
          megabytes(cost, "bytes"),
          "%s, %s%s %%"
              .formatted(
                  number(decimal(cost, "perplexity"), 3),
                  change < 0 ? "−" : "+",
                  number(Math.abs(100 * change), 4)));
      lines.add(measured(report));
    }
    return table + "\n\n" + String.join("\\\n", lines);
  }

  private static String megabytes(JsonNode cost, String key) {
    return number(decimal(cost, key) / 1e6, 1) + " MB";
  }

  /** A measurement that no one command repeats: its columns and rows stand in its file. */
  String record(String name) throws IOException {
    JsonNode report = results.read(name);
    Table table = new Table(cells(get(report, "columns")));
    get(report, "rows").forEach(row -> table.row(cells(row)));
    return table + "\n\n" + measured(report);
  }

  private static List<String> cells(JsonNode row) {
    List<String> cells = new ArrayList<>();
    row.forEach(cell -> cells.add(cell.asText()));
    return cells;
  }
}
