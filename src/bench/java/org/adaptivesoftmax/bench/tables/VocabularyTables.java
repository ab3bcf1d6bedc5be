package org.adaptivesoftmax.bench.tables;

import static org.adaptivesoftmax.bench.tables.Results.decimal;
import static org.adaptivesoftmax.bench.tables.Results.get;
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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The tables of what is done with a vocabulary: counting, planning, drift and re-bucketing. */
record VocabularyTables(Results results) {
  String count() throws IOException {
    JsonNode report = results.read("count");
    Map<String, List<JsonNode>> byEngine = new LinkedHashMap<>();
    for (JsonNode run : get(report, "results")) {
      byEngine.computeIfAbsent(text(run, "engine"), engine -> new ArrayList<>()).add(run);
    }
    List<String> head = new ArrayList<>(List.of("engine"));
    for (JsonNode run : byEngine.values().iterator().next()) {
      int cores = integer(run, "cores");
      head.add("%d %s".formatted(cores, cores == 1 ? "core" : "cores"));
    }
    head.add("growth");
    Table table = new Table(head);
    byEngine.forEach(
        (engine, runs) -> {
          List<String> row = new ArrayList<>(List.of(engine));
          for (JsonNode run : runs) {
            row.add(
                "%s tokens/s, %s s"
                    .formatted(
                        number(decimal(run, "tokens_per_second"), 0),
                        number(decimal(run, "seconds"), 1)));
          }
          row.add(times(decimal(get(report, "growth"), engine)));
          table.row(row);
        });
    return "%s\n\n%s MB, %s tokens, %s distinct. %s"
        .formatted(
            table,
            number(decimal(report, "megabytes"), 0),
            number(decimal(report, "tokens"), 0),
            number(decimal(report, "distinct"), 0),
            measured(report));
  }

  String plan() throws IOException {
    JsonNode report = results.read("plan");
    Table table =
        Table.of(
            "cutoffs",
            "`divValue`",
            "training step",
            "of the first",
            "expected",
            "top 10",
            "of the first",
            "expected");
    JsonNode plans = get(report, "plans");
    for (JsonNode plan : plans) {
      List<String> cells =
          new ArrayList<>(
              List.of(slashes(get(plan, "cutoffs")), number(decimal(plan, "div_value"), 2)));
      for (String objective : List.of("training", "serving")) {
        JsonNode first = plans.get(0);
        String ms = objective + "_ms";
        cells.add(ms(decimal(plan, ms)));
        cells.add(times(decimal(plan, ms) / decimal(first, ms)));
        cells.add(
            times(
                decimal(get(plan, "costs"), objective) / decimal(get(first, "costs"), objective)));
      }
      table.row(cells.toArray(String[]::new));
    }
    JsonNode correlation = get(report, "rank_correlation");
    return "%s\n\n%s. Rank correlation with the times (Spearman): training %s, serving %s; by measured products %s and %s.\n\n%s"
        .formatted(
            table,
            text(report, "layer"),
            number(decimal(correlation, "training"), 3),
            number(decimal(correlation, "serving"), 3),
            number(decimal(correlation, "training_measured"), 3),
            number(decimal(correlation, "serving_measured"), 3),
            measured(report));
  }

  String migrations() throws IOException {
    JsonNode report = results.read("migrations");
    Table table = Table.of("the second half", "tokens that change cluster", "expected time");
    Map<String, String> ways =
        Map.of(
            "anew", "planned anew",
            "without_error", "old cutoffs, no sampling error",
            "stable", "by the rule");
    for (String way : List.of("anew", "without_error", "stable")) {
      JsonNode moved = get(report, way);
      double extra = decimal(moved, "extra_cost");
      table.row(
          Objects.requireNonNull(ways.get(way)),
          percent(decimal(moved, "share"), 3),
          way.equals("anew") ? "" : (extra < 0 ? "−" : "+") + percent(Math.abs(extra), 2));
    }
    return "%s\n\n%s; %s tokens are in both halves.\n\n%s"
        .formatted(
            table, text(report, "corpus"), number(integer(report, "tokens"), 0), measured(report));
  }

  String rebucket() throws IOException {
    JsonNode report = results.read("rebucket");
    Table table =
        Table.of(
            "texts",
            "",
            "perplexity",
            "against the model before, or trained anew",
            "seconds of training",
            "against training anew");
    for (JsonNode pair : get(report, "pairs")) {
      JsonNode transfer = get(pair, "transfer");
      double before = decimal(transfer, "before");
      double after = decimal(transfer, "transferred");
      table.row(text(pair, "texts"), "old text, the old model", number(before, 2), "", "", "");
      table.row("", "old text, carried over", number(after, 2), times(after / before), "0", "0");
      JsonNode anew = get(pair, "anew");
      table.row(
          "",
          "new text, trained anew",
          number(decimal(anew, "perplexity"), 2),
          "",
          number(decimal(anew, "seconds"), 0),
          "");
      for (JsonNode course : get(pair, "courses")) {
        boolean layer = text(course, "learned").equals("OUTPUT_LAYER");
        table.row(
            "",
            layer ? "new text, re-bucketed, `--layer-only`" : "new text, re-bucketed",
            number(decimal(course, "perplexity"), 2),
            times(decimal(course, "perplexity") / decimal(anew, "perplexity")),
            number(decimal(course, "seconds"), 0),
            times(decimal(course, "seconds") / decimal(anew, "seconds")));
      }
    }
    return "%s\n\n%s".formatted(table, measured(report));
  }

  String drift() throws IOException {
    JsonNode report = results.read("drift");
    Table table =
        Table.of("live text", "`js_divergence`", "`linf`", "`unknown_rate`", "`up`", "advice");
    for (JsonNode live : get(report, "live")) {
      JsonNode divergence = get(live, "js_divergence");
      table.row(
          text(live, "text"),
          "%s (%s to %s)"
              .formatted(
                  number(decimal(divergence, "value"), 3),
                  number(decimal(divergence, "low"), 3),
                  number(decimal(divergence, "high"), 3)),
          number(decimal(get(live, "linf"), "value"), 3),
          percent(decimal(get(live, "unknown_rate"), "value"), 1),
          percent(decimal(get(live, "up"), "value"), 1),
          text(live, "advice").toLowerCase(Locale.ROOT));
    }
    List<String> alarms = new ArrayList<>();
    for (JsonNode of : get(report, "false_alarms")) {
      alarms.add(
          "%s of %s samples of %s tokens"
              .formatted(
                  integer(of, "alarms"),
                  number(integer(of, "samples"), 0),
                  number(integer(of, "tokens"), 0)));
    }
    return "A model of %s entries, cutoffs %s:\n\n%s\n\nFalse alarms over the model's own counts: %s.\n\n%s"
        .formatted(
            number(integer(report, "vocabulary"), 0),
            slashes(get(report, "cutoffs")),
            table,
            String.join(", ", alarms),
            measured(report));
  }
}
