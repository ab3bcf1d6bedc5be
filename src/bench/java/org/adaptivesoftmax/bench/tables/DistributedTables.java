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
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tables of training on several processes.
 *
 * @param results what was measured
 */
record DistributedTables(Results results) {
  private static final String NAME = "distributed";
  private static final String NONE = "–";

  /** A row for each way. */
  String ways() throws IOException {
    JsonNode report = results.read(NAME);
    Table table = Table.of("", "", "step", "of one process's", "words/s", "MB a step", "peak MB");
    for (JsonNode model : get(report, "results")) {
      JsonNode network = get(model, "network");
      String name =
          "%s words, %s"
              .formatted(
                  number(integer(network, "vocabulary"), 0), slashes(get(network, "cutoffs")));
      for (JsonNode way : get(model, "ways")) {
        table.row(
            name,
            title(text(way, "way")),
            ms(decimal(way, "ms")),
            times(decimal(way, "to_one_process")),
            number(decimal(way, "tokens_per_second"), 0),
            parts(get(way, "mb_per_step"), 2, true),
            parts(get(way, "peak_mb"), 0, false));
        name = "";
      }
    }
    List<String> weights = new ArrayList<>();
    for (JsonNode model : get(report, "results")) {
      weights.add(
          "%s: %s".formatted(text(model, "model"), parts(get(model, "weights_mb"), 1, false)));
    }
    return "%s\n\nMB of weights, of which Adam keeps twice as much more: %s.\n\n%s"
        .formatted(table, String.join("; ", weights), measured(report));
  }

  /** What to expect of more machines, by the network's speed. */
  String scaling() throws IOException {
    JsonNode report = results.read(NAME);
    Table table = null;
    for (JsonNode model : get(report, "results")) {
      for (JsonNode scaling : get(model, "scaling")) {
        List<String> head = new ArrayList<>(List.of("words/s (efficiency)"));
        List<String> row =
            new ArrayList<>(
                List.of(
                    "%s, %s Gbit/s"
                        .formatted(
                            text(model, "model"), number(decimal(scaling, "gbit_per_second"), 0))));
        for (JsonNode point : get(scaling, "points")) {
          head.add(
              integer(point, "machines") == 1
                  ? "one machine"
                  : integer(point, "machines") + " machines");
          row.add(
              "%s (%s)"
                  .formatted(
                      number(decimal(point, "tokens_per_second"), 0),
                      percent(decimal(point, "efficiency"), 0)));
        }
        head.add("half as efficient beyond");
        row.add(number(integer(scaling, "half_efficient"), 0));
        table = table == null ? new Table(head) : table;
        table.row(row);
      }
    }
    return String.valueOf(table);
  }

  private static String title(String way) {
    return switch (way) {
      case "one_process" -> "one process";
      case "two_replicas" -> "two replicas";
      case "replica_and_tail_task" -> "a replica and a tail task";
      case "pytorch" -> "PyTorch, one process";
      case "pytorch_ddp" -> "PyTorch, DistributedDataParallel";
      default -> throw new IllegalArgumentException("no such way: " + way);
    };
  }

  private static String parts(JsonNode values, int digits, boolean withoutZeros) {
    String parts =
        values.properties().stream()
            .filter(part -> !part.getValue().isNull())
            .filter(part -> !withoutZeros || part.getValue().asDouble() > 0)
            .map(
                part ->
                    "%s %s"
                        .formatted(
                            part.getKey().replace('_', ' '),
                            number(part.getValue().asDouble(), digits)))
            .collect(Collectors.joining(", "));
    return parts.isEmpty() ? NONE : parts;
  }
}
