package org.adaptivesoftmax.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.adaptivesoftmax.cli.CommandResult;

/**
 * The result of a measuring command.
 *
 * @param text for a reader
 * @param json the report with its {@link Measurement}
 */
record BenchResult(String text, @JsonValue ObjectNode json) implements CommandResult {
  /**
   * A report with what it was measured with.
   *
   * @param text of the report
   * @param report becomes a JSON object
   */
  static BenchResult of(String text, Object report) throws IOException {
    return new BenchResult(text, Measurement.now().before(report));
  }
}
