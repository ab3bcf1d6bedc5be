package org.adaptivesoftmax;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.remote.BridgeServer;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The README's examples are those that are compiled here, and do what the README says. */
class ReadmeTest {
  @ParameterizedTest
  @ValueSource(classes = {ReadmeExample.class, SparseExample.class, ServingExample.class})
  void theExamplesStandInTheReadme(Class<?> example) throws IOException {
    String source =
        Files.readString(
            Path.of("src/test/java/org/adaptivesoftmax", example.getSimpleName() + ".java"));
    String shown = source.substring(source.indexOf("// begin\n") + 9, source.indexOf("// end\n"));
    assertThat(Files.readString(Path.of("README.md"))).contains("```java\n" + shown + "```");
  }

  @Test
  void theExampleLearnsItsTwoClasses() throws Exception {
    assertThat(printed(() -> ReadmeExample.main(new String[0])))
        .isEqualToIgnoringWhitespace("42 and 9999");
  }

  @Test
  void theSparseExampleFinishesEveryRow() throws Exception {
    assertThat(printed(() -> SparseExample.main(new String[0])))
        .isEqualToIgnoringWhitespace("3 of 3 rows are finished");
  }

  @Test
  void theServerAndTheModelInThisProcessAnswerAlike(@TempDir Path directory) throws Exception {
    ModelDirectory exported = TinyLanguageModel.save(directory, Softmax.ADAPTIVE).export(directory);
    try (LocalModel model = LocalModel.builder(exported).load();
        BridgeServer server = new BridgeServer(model, "wordnet-lm")) {
      List<List<NextWord>> next =
          model.languageModel().complete(List.of("the quick brown", "a fox"));
      String line = next.get(0).get(0).word() + ", " + next.get(1).get(0).word();
      String[] args = {server.grpcTarget(), exported.base().toString()};
      assertThat(printed(() -> ServingExample.main(args)).lines()).containsExactly(line, line);
    }
  }

  private static String printed(Callable example) throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      example.call();
    } finally {
      System.setOut(out);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }

  private interface Callable {
    void call() throws Exception;
  }
}
