package org.adaptivesoftmax.loss;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.adaptivesoftmax.gradient.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompilationCountTest {
  /** XLA writes each module that it compiles into a directory. */
  @Test
  void eachBatchSizeIsCompiledOnce(@TempDir Path dump) throws Exception {
    ChildJvm.run(Map.of("XLA_FLAGS", "--xla_dump_to=" + dump), CompilationCount.class);
    try (Stream<Path> files = Files.list(dump)) {
      List<String> modules =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith("before_optimizations.txt"))
              .toList();
      assertThat(modules).hasSize(2).allMatch(name -> name.contains("compiled_loss"));
    }
  }
}
