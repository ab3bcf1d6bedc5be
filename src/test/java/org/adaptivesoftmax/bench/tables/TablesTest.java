package org.adaptivesoftmax.bench.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TablesTest {
  private static final String STEPS =
      """
      {"measured": {"command": "tools/adaptive-softmax bench train-step", "date": "2026-11-27", "processor": "Fast One",
        "cores": 2, "tensorflow": "2.18.0"},
       "threads": 2, "environment": ["TensorFlow 2.18.0"],
       "results": [{"shape": "small", "rows": 256, "in_features": 512, "classes": 100000, "cutoffs": [4000, 20000], "ours_ms": %s, "matmul_floor_ms": 43.0, "full_softmax_ms": 625.2,
         "pytorch_ms": null, "ours_mb": 69.4, "pytorch_mb": null, "rounds": 15, "ours_to_matmul_floor": 1.071,
         "full_softmax_to_ours": 13.6}]}
      """;

  @TempDir private Path project;

  @BeforeEach
  void aProject() throws IOException {
    Files.createDirectories(project.resolve("docs/bench"));
    Files.writeString(project.resolve("README.md"), "# A project\n");
    measured("46.04");
    document("train-step");
  }

  private void measured(String ms) throws IOException {
    Files.writeString(project.resolve("docs/bench/train-step.json"), STEPS.formatted(ms));
  }

  private void document(String part) throws IOException {
    Files.writeString(
        project.resolve("docs/page.md"),
        "# Page\n\n<!-- made: %s -->\n| old |\n<!-- end -->\n\nWritten by hand.\n".formatted(part));
  }

  private String document() throws IOException {
    return Files.readString(project.resolve("docs/page.md"));
  }

  @Test
  void aTableIsMadeFromItsMeasurement() throws IOException {
    assertThat(TablesCommand.make(project, false).changed()).containsExactly("docs/page.md");
    assertThat(document())
        .startsWith("# Page\n\n<!-- made: train-step -->\n| N × features")
        .contains(
            "| 256 × 512 → 100,000, 4,000/20,000 | 43.0 ms | **46.0 ms**, 1.07 × | – | 625 ms, 13.6 × ours | 69 / – MB |",
            "*Fast One, 2 threads, TensorFlow 2.18.0, 2026-11-27; `tools/adaptive-softmax bench train-step`*",
            "Medians of 15 interleaved rounds")
        .endsWith("\n<!-- end -->\n\nWritten by hand.\n")
        .doesNotContain("old");
    assertThat(TablesCommand.make(project, false).changed()).isEmpty();
    assertThat(TablesCommand.make(project, true).documents()).containsExactly("docs/page.md");
  }

  @Test
  void anotherNumberFailsTheCheckAndWritesNothing() throws IOException {
    TablesCommand.make(project, false);
    String before = document();
    measured("47.2");
    assertThatThrownBy(() -> TablesCommand.make(project, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "docs/page.md: part \"train-step\" is not what docs/bench or the commands give: run tools/bench-tables");
    assertThat(document()).isEqualTo(before);
  }

  @Test
  void whatAServerAddsStandsBesideTheModelItself() throws IOException {
    Files.writeString(
        project.resolve("docs/bench/serve.json"),
        """
        {"measured": {"command": "tools/adaptive-softmax bench serve", "date": "2026-11-28", "processor": "Fast One",
          "cores": 2, "tensorflow": "2.18.0"},
         "sharing": "server, client and model share 2 cores", "rounds": 5,
         "results": [
           {"workload": "text", "connections": 16, "way": "in_jvm", "requests_per_second": 2000, "p50_ms": 7.5,
            "p99_ms": 20, "to_in_jvm": {"added_p50_ms": 0, "throughput": 1, "server_cpu_ms": 0, "client_cpu_ms": 0.9}},
           {"workload": "text", "connections": 16, "way": "rest", "requests_per_second": 1800, "p50_ms": 8.25,
            "p99_ms": 21, "to_in_jvm": {"added_p50_ms": 0.75, "throughput": 0.9, "server_cpu_ms": 1, "client_cpu_ms": 0.1}}],
         "slow_clients": {"clients": 64, "p50_ms": [1.5, 1.56], "p99_ms": [3, 3.1], "p50_ratio": 1.04}}
        """);
    document("serve");
    TablesCommand.make(project, false);
    assertThat(document())
        .contains(
            "| text | 16 | in one process | 2,000 | 7.50 ms | 20.0 ms |  |  | 0.90 ms |",
            "| text | 16 | `serve`, REST | 1,800 | 8.25 ms | 21.0 ms | 0.75 ms | 0.90 × | 1.00 ms + 0.10 ms |",
            "Beside 64 clients that send a byte a second, one other has a p50 of 1.56 ms, and of 1.50 ms without them (1.04 ×).");
  }

  @Test
  void aLongDayIsItsCallsAndWhatItHeld() throws IOException {
    Files.writeString(
        project.resolve("docs/bench/soak.json"),
        """
        {"measured": {"command": "tools/adaptive-softmax bench soak", "date": "2026-11-28", "processor": "Fast One",
          "cores": 2, "tensorflow": "2.18.0"},
         "seconds": 3600, "versions": 1700, "deadline_ms": 5000, "peak_mb": 1100.4, "wrong": 0,
         "calls": {"local": 12000, "troubled_rest": 900}, "worst_p99_ms": {"local": 120.4, "troubled_rest": 800},
         "courses": {"resident_mb": {"second": 1000.04, "last": 1003.5}, "threads": {"second": 110, "last": 111}},
         "failures": {"null text": 30, "troubled_rest CANCELLED": 4}}
        """);
    document("soak");
    TablesCommand.make(project, false);
    assertThat(document())
        .contains(
            "| in the process | 12,000 | 120 ms |",
            "| REST, through the proxy | 900 | 800 ms |",
            "| resident memory | 1,000.0 MB | 1,003.5 MB |",
            "| threads | 110 | 111 |",
            "60 minutes, 1,700 versions, a deadline of 5,000 ms for each call, at most 1,100 MB resident.",
            "that ended late: 0. Failures as they are documented: 30 null text, 4 troubled rest CANCELLED.");
  }

  @Test
  void aNumberThatIsTypedFailsTheCheck() throws IOException {
    TablesCommand.make(project, false);
    Files.writeString(project.resolve("docs/page.md"), document().replace("46.0 ms", "40.0 ms"));
    assertThatThrownBy(() -> TablesCommand.make(project, true)).hasMessageContaining("train-step");
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    document("growth");
    assertThatThrownBy(() -> TablesCommand.make(project, true))
        .hasMessage(
            "docs/page.md: no measurement docs/bench/growth.json: tools/bench-all makes it");
    document("speed");
    assertThatThrownBy(() -> TablesCommand.make(project, true))
        .hasMessage("docs/page.md: no such part: speed");
    Files.writeString(project.resolve("docs/page.md"), "<!-- made: growth -->\n");
    assertThatThrownBy(() -> TablesCommand.make(project, true))
        .hasMessage("docs/page.md: a part has no line <!-- end --> after it");
    Files.writeString(project.resolve("docs/bench/train-step.json"), "{\"measured\": {}}");
    document("train-step");
    assertThatThrownBy(() -> TablesCommand.make(project, true))
        .hasMessageContaining("no results in");
  }

  @Test
  void aRecordIsATableOfItsRows() throws IOException {
    Files.writeString(
        project.resolve("docs/bench/once.json"),
        """
        {"measured": {"command": "a command", "date": "2026-11", "processor": "P", "cores": 4, "tensorflow": "2.18.0",
          "note": "Rounded."},
         "columns": ["a", "b"], "rows": [["1", "two"]]}
        """);
    document("record once");
    TablesCommand.make(project, false);
    assertThat(document())
        .contains(
            "| a | b |\n|---|---|\n| 1 | two |\n\n*P, 4 cores, TensorFlow 2.18.0, 2026-11; `a command`*\n*Rounded.*");
  }

  @Test
  void helpIsWhatTheCommandWrites() throws IOException {
    document("help answer");
    TablesCommand.make(project, false);
    assertThat(document()).contains("```text\nUsage: adaptive-softmax answer", "--model=DIR");
    document("help sing");
    assertThatThrownBy(() -> TablesCommand.make(project, true))
        .hasMessageContaining("no such command", "sing");
  }

  @Test
  void theDocumentsOfThisProjectAreUpToDate() throws IOException {
    assertThat(TablesCommand.make(Path.of(""), true).documents())
        .contains("README.md", "docs/benchmarks.md", "docs/command-line.md");
  }
}
