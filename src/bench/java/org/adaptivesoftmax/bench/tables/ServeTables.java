package org.adaptivesoftmax.bench.tables;

import static org.adaptivesoftmax.bench.tables.Results.decimal;
import static org.adaptivesoftmax.bench.tables.Results.get;
import static org.adaptivesoftmax.bench.tables.Results.integer;
import static org.adaptivesoftmax.bench.tables.Results.measured;
import static org.adaptivesoftmax.bench.tables.Results.ms;
import static org.adaptivesoftmax.bench.tables.Results.number;
import static org.adaptivesoftmax.bench.tables.Results.slashes;
import static org.adaptivesoftmax.bench.tables.Results.text;
import static org.adaptivesoftmax.bench.tables.Results.times;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The tables of what the server was measured with.
 *
 * @param results what was measured
 */
record ServeTables(Results results) {
  private static final double MB_OF_GROWTH = 0.05;
  private static final double SECONDS_PER_MINUTE = 60;

  String serve() throws IOException {
    JsonNode report = results.read("serve");
    Table table =
        Table.of(
            "asked",
            "connections",
            "way",
            "answers/s",
            "p50",
            "p99",
            "added at p50",
            "answers/s, to one process",
            "processor time, server + client");
    for (JsonNode point : get(report, "results")) {
      boolean alone = text(point, "way").equals("in_jvm");
      JsonNode beside = get(point, "to_in_jvm");
      table.row(
          text(point, "workload"),
          number(integer(point, "connections"), 0),
          way(text(point, "way")),
          number(decimal(point, "requests_per_second"), 0),
          ms(decimal(point, "p50_ms")),
          ms(decimal(point, "p99_ms")),
          alone ? "" : ms(decimal(beside, "added_p50_ms")),
          alone ? "" : times(decimal(beside, "throughput")),
          alone
              ? ms(decimal(beside, "client_cpu_ms"))
              : "%s + %s"
                  .formatted(
                      ms(decimal(beside, "server_cpu_ms")), ms(decimal(beside, "client_cpu_ms"))));
    }
    JsonNode slow = get(report, "slow_clients");
    return "%s\n\n%s\n\n*Medians of %d rounds in turn; %s.*\n\nBeside %d clients that send a byte a second, one other has a p50 of %s, and of %s without them (%s)."
        .formatted(
            table,
            measured(report),
            integer(report, "rounds"),
            text(report, "sharing"),
            integer(slow, "clients"),
            ms(get(slow, "p50_ms").get(1).asDouble()),
            ms(get(slow, "p50_ms").get(0).asDouble()),
            times(decimal(slow, "p50_ratio")));
  }

  private static String way(String key) {
    return switch (key) {
      case "in_jvm" -> "in one process";
      case "rest" -> "`serve`, REST";
      case "grpc" -> "`serve`, gRPC";
      case "tensorflow_serving_rest" -> "TensorFlow Serving, REST";
      case "tensorflow_serving_grpc" -> "TensorFlow Serving, gRPC";
      default -> throw new IllegalArgumentException("no such way: " + key);
    };
  }

  String endurance() throws IOException {
    JsonNode report = results.read("serve-endurance");
    Table table =
        Table.of(
            "requests",
            "versions",
            "failed",
            "answers/s",
            "most resident MB in each tenth",
            "from the second to the last");
    double growth = decimal(report, "resident_growth_mb");
    table.row(
        number(integer(report, "requests"), 0),
        number(integer(report, "versions"), 0),
        number(integer(report, "failures"), 0),
        number(decimal(report, "requests_per_second"), 0),
        slashes(get(report, "peak_mb_by_tenth")),
        "%s%s MB".formatted(growth < MB_OF_GROWTH ? "" : "+", number(growth, 1)));
    return table + "\n\n" + measured(report);
  }

  /** What a long day came to. */
  String soak() throws IOException {
    JsonNode report = results.read("soak");
    Table calls = Table.of("asked", "calls", "largest p99 of a sample");
    for (Map.Entry<String, JsonNode> way : get(report, "calls").properties()) {
      calls.row(
          soakWay(way.getKey()),
          number(way.getValue().asInt(), 0),
          ms(decimal(get(report, "worst_p99_ms"), way.getKey())));
    }
    Table held = Table.of("held", "in the second fifth of the time", "in the last");
    for (Map.Entry<String, JsonNode> figure : get(report, "courses").properties()) {
      boolean mb = figure.getKey().endsWith("_mb");
      held.row(
          held(figure.getKey()),
          number(decimal(figure.getValue(), "second"), mb ? 1 : 0) + (mb ? " MB" : ""),
          number(decimal(figure.getValue(), "last"), mb ? 1 : 0) + (mb ? " MB" : ""));
    }
    return "%s\n\n%s\n\n%s minutes, %s versions, a deadline of %s for each call, at most %s MB resident. Wrong answers, errors that are not documented and calls that ended late: %s. Failures as they are documented: %s.\n\n%s"
        .formatted(
            calls,
            held,
            number(decimal(report, "seconds") / SECONDS_PER_MINUTE, 0),
            number(integer(report, "versions"), 0),
            ms(decimal(report, "deadline_ms")),
            number(decimal(report, "peak_mb"), 0),
            number(integer(report, "wrong"), 0),
            failures(get(report, "failures")),
            measured(report));
  }

  private static String failures(JsonNode failures) {
    return failures.properties().stream()
        .map(kind -> "%s %s".formatted(number(kind.getValue().asInt(), 0), kind.getKey()))
        .collect(Collectors.joining(", "))
        .replace('_', ' ');
  }

  private static String soakWay(String key) {
    return switch (key) {
      case "local" -> "in the process";
      case "troubled_grpc" -> "gRPC, through the proxy";
      case "troubled_rest" -> "REST, through the proxy";
      case "grpc" -> "gRPC";
      case "rest" -> "REST";
      default -> throw new IllegalArgumentException("no such way: " + key);
    };
  }

  private static String held(String key) {
    return switch (key) {
      case "resident_mb" -> "resident memory";
      case "native_mb" -> "of that, given out by the C library's allocator";
      case "heap_mb" -> "of Java's heap, alive";
      default -> key;
    };
  }
}
