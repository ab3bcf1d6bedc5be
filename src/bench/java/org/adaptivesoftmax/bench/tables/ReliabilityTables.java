package org.adaptivesoftmax.bench.tables;

import static org.adaptivesoftmax.bench.tables.Results.decimal;
import static org.adaptivesoftmax.bench.tables.Results.get;
import static org.adaptivesoftmax.bench.tables.Results.integer;
import static org.adaptivesoftmax.bench.tables.Results.measured;
import static org.adaptivesoftmax.bench.tables.Results.number;
import static org.adaptivesoftmax.bench.tables.Results.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/**
 * The tables of what was done to break the library.
 *
 * @param results what was measured
 */
record ReliabilityTables(Results results) {
  String fuzz() throws IOException {
    JsonNode report = results.read("fuzz");
    Table table = Table.of("target", "inputs read", "edges", "inputs kept", "findings");
    for (JsonNode target : get(report, "targets")) {
      table.row(
          "`" + text(target, "target") + "`",
          number(decimal(target, "executions"), 0),
          number(integer(target, "edges"), 0),
          number(integer(target, "inputs"), 0),
          number(get(target, "findings").size(), 0));
    }
    return "%s\n\n%s\n*%s minutes of each target.*"
        .formatted(table, measured(report), minutes(decimal(report, "minutes")));
  }

  private static String minutes(double minutes) {
    return number(minutes, minutes == Math.rint(minutes) ? 0 : 1);
  }

  String failAt() throws IOException {
    JsonNode report = results.read("fail-at");
    Table table =
        Table.of(
            "command", "system calls", "points", "tried", "reached", "something does not hold");
    for (JsonNode command : get(report, "commands")) {
      table.row(
          "`" + text(command, "command") + "`",
          number(integer(command, "calls"), 0),
          number(integer(command, "points"), 0),
          number(integer(command, "tried"), 0),
          number(integer(command, "reached"), 0),
          number(get(command, "failures").size(), 0));
    }
    return table + "\n\n" + measured(report);
  }
}
