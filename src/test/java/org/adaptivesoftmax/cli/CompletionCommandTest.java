package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CompletionCommandTest {
  /** What bash offers after {@code adaptive-softmax convert --tail-weights b}. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void bashCompletesCommandsOptionsAndChoices(@TempDir Path directory) throws Exception {
    CommandRun run = CommandRun.of("generate-completion");
    assertThat(run.code()).as(run.err()).isZero();
    Path script = Files.writeString(directory.resolve("script"), run.out());
    assertThat(offered(script, "adaptive-softmax", "inspe")).isEqualTo("inspect");
    assertThat(offered(script, "adaptive-softmax", "train", "--drop")).isEqualTo("--dropout");
    assertThat(offered(script, "adaptive-softmax", "convert", "--tail-weights", "b"))
        .isEqualTo("bfloat16");
  }

  private static String offered(Path script, String... words) throws IOException {
    String typed = String.join(" ", words);
    String commands =
        "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; COMP_POINT=%d; "
                .formatted(script, typed, words.length - 1, typed, typed.length())
            + "_complete_adaptive-softmax; echo \"${COMPREPLY[@]}\"";
    Process bash =
        new ProcessBuilder("bash", "-c", commands)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    return new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
