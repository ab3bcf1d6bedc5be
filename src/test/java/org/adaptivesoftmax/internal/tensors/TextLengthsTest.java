package org.adaptivesoftmax.internal.tensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.adaptivesoftmax.text.Tokenizer;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.NdArrays;

class TextLengthsTest {
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().ofMaxLength(60),
        Arbitraries.strings().withChars("ab '-.,1 \u2019\u0301\uD83D\uDE00").ofMaxLength(60));
  }

  @Property(tries = 2000)
  void noTextHasMoreWords(@ForAll("texts") String text) {
    assertThat(TextLengths.words(text)).isGreaterThanOrEqualTo(Tokenizer.words(text).size());
  }

  @Test
  void plainTextHasAsManyWords() {
    assertThat(TextLengths.words("The quick brown fox, 1914.")).isEqualTo(7);
    assertThat(TextLengths.words("don't stop")).isEqualTo(4);
    assertThat(TextLengths.words(" \t\n")).isZero();
  }

  @Test
  void aRowIsAsLongAsItsLongestText() {
    assertThat(
            TextLengths.ofRows(
                Map.of(
                    "text", NdArrays.vectorOfObjects("a b c", ""),
                    "title", NdArrays.vectorOfObjects("a", "b"),
                    "seed", NdArrays.vectorOf(7L, 8L))))
        .containsExactly(3, 1);
    byte[] example = "12345678".getBytes(StandardCharsets.UTF_8);
    assertThat(TextLengths.ofRows(Map.of("inputs", NdArrays.vectorOfObjects(example, example))))
        .containsExactly(4, 4);
  }
}
