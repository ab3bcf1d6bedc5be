package org.adaptivesoftmax.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OneLineTest {
  @Test
  void joinsLinesAndReplacesWhatSteersATerminal() {
    assertThat(OneLine.of(" a:\r\n  b\n\nc\u001B[2J\u009Bd\u007F ")).isEqualTo("a: b c?[2J?d?");
  }

  @Test
  void cutsBetweenCharacters() {
    String fits = "x".repeat(OneLine.MAX_LENGTH);
    assertThat(OneLine.of(fits)).isEqualTo(fits);
    String faces = "\uD83D\uDE00".repeat(OneLine.MAX_LENGTH);
    for (String text : new String[] {faces, "x" + faces}) {
      String cut = OneLine.of(text);
      assertThat(cut)
          .hasSizeLessThan(OneLine.MAX_LENGTH)
          .endsWith("… (" + text.length() + " characters)");
      assertThat(cut.codePoints()).noneMatch(c -> c >= 0xD800 && c < 0xE000);
    }
  }

  @Test
  void whatIsRequiredIsToldInOneLine() {
    assertThatThrownBy(() -> Require.argument(false, "no name: %s", "a\n\u0007b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no name: a ?b");
  }
}
