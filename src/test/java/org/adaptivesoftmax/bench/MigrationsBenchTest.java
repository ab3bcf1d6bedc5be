package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.StabilityRule;
import org.adaptivesoftmax.text.Corpus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsBenchTest {
  @Test
  void theRuleMovesFewerTokensForLittleTime(@TempDir Path directory) throws IOException {
    Random random = new Random(1);
    String text =
        IntStream.range(0, 20_000)
            .mapToObj(line -> "a%d b%d".formatted(zipf(random), zipf(random)))
            .collect(Collectors.joining("\n"));
    Path file = Files.writeString(directory.resolve("text.txt"), text);
    MigrationsReport report =
        new MigrationsBench(Corpus.ofFile(file), 32, 64, StabilityRule.DEFAULT).run();
    assertThat(report.tokens()).isBetween(100, 4000);
    assertThat(report.stable().share()).isLessThan(report.anew().share());
    assertThat(report.stable().extraCost()).isLessThanOrEqualTo(0.005);
    assertThat(report.anew().extraCost()).isZero();
    JsonNode written = Written.read("migrations.json");
    assertThat(written.get("stable").get("share").asDouble()).isEqualTo(report.stable().share());
    assertThat(report.text()).contains("planned anew", "by the rule");
  }

  /** A number that is above n with a probability of about 1 in n. */
  private static int zipf(Random random) {
    return (int) Math.min(2000, 1 / (1 - random.nextDouble()));
  }
}
