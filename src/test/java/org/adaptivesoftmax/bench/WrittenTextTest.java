package org.adaptivesoftmax.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.adaptivesoftmax.cli.WordIds;
import org.adaptivesoftmax.training.LanguageModelText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WrittenTextTest {
  @Test
  void aTextComesBackAsItWasWritten(@TempDir Path directory) throws Exception {
    LanguageModelText text = new LanguageModelText(new int[] {3, 0, 70_000}, new int[] {1, 0}, 0);
    WordIds.write(text, directory, 70_001);
    LanguageModelText read = WrittenText.read(directory, 0);
    assertThat(read.train()).isEqualTo(text.train());
    assertThat(read.validation()).isEqualTo(text.validation());
    assertThat(read.boundary()).isZero();
  }
}
