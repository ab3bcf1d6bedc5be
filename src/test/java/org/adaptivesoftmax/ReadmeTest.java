package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's example is the one that is compiled here, and does what the README says. */
class ReadmeTest {
  @Test
  void theExampleStandsInTheReadme() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/org/adaptivesoftmax/ReadmeExample.java"));
    String example = source.substring(source.indexOf("// begin\n") + 9, source.indexOf("// end\n"));
    assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + example + "```");
  }

  @Test
  void theExampleLearnsItsTwoClasses() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      ReadmeExample.main(new String[0]);
    } finally {
      System.setOut(out);
    }
    assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualToIgnoringWhitespace("42 and 9999");
  }
}
