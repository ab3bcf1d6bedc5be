package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerTest {
  private static final String WORD = "[\\p{L}\\p{M}\\p{N}]+(['\\-][\\p{L}\\p{M}\\p{N}]+)*";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "The dogs' owner can't pay $1,000. | the dogs ' owner can't pay $ 1 , 000 .",
        "well-known, 1914-1918 | well-known , 1914-1918",
        "\"She sighed sadly\"; (living) | \" she sighed sadly \" ; ( living )",
        "'tis 'quoted' rock'n'roll a-b-c | ' tis ' quoted ' rock'n'roll a-b-c",
        "a--b a---b a----b -'-x x'- - ' -- | a - - b a - - - b a - - - - b - ' - x x ' - - ' - -",
        "mother-in-law's -5 +5 3.14 C++ | mother-in-law's - 5 + 5 3 . 14 c + +",
        "<unk> </s> a<unk>b | < unk > < / s > a < unk > b",
        "ÉCOLE Straße ΟΔΟΣ. Σ ΣΑΣ-Σ | école straße οδο\u03C2 . σ σασ-\u03C3",
        "\u0130stanbul I | i\u0307stanbul i",
        "don\u2019t \u2018so\u2019 co\u2010op a\u2011b x\u2014y | don't \u2018 so ' co-op a-b x \u2014 y",
        "co\u00ADoperate \uFEFFa\u200Bb \u2764\uFE0F | cooperate ab \u2764",
        "a\u00A0b\u3000c\u2028d\u0085e\u0007f | a b c d e f",
        "日本語, 12 \uD83D\uDE00\uD83D\uDE00x | 日本語 , 12 \uD83D\uDE00 \uD83D\uDE00 x",
        "e\u0301te\u0301 हिन्दी | e\u0301te\u0301 हिन्दी",
        "$1 \\1 back\\slash | $ 1 \\ 1 back \\ slash",
      })
  void dividesTextIntoWordsAndSigns(String text, String words) {
    assertThat(String.join(" ", Tokenizer.words(text))).isEqualTo(words);
  }

  @Test
  void aTextOfWhiteSpaceHasNoWords() {
    assertThat(Tokenizer.words("")).isEmpty();
    assertThat(Tokenizer.words(" \t\r\n\u00A0\u3000\u200B")).isEmpty();
  }

  @Test
  void theDefaultLocaleChangesNothing() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("tr"));
    try {
      assertThat(Tokenizer.words("TITLE")).containsExactly("title");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void noTextHoldsASpecialEntry() {
    for (String special : List.of(Vocabulary.UNKNOWN, Vocabulary.BOUNDARY)) {
      for (String text : List.of(special, "a " + special, "a" + special + "b", special + special)) {
        assertThat(Tokenizer.words(text)).isNotEmpty().doesNotContain(special);
      }
    }
  }

  @Property(tries = 2000)
  void eachWordIsARunOfLettersOrOneSign(@ForAll("texts") String text) {
    assertThat(Tokenizer.words(text))
        .allMatch(word -> word.matches(WORD) || word.codePointCount(0, word.length()) == 1)
        .noneMatch(String::isBlank);
  }

  @Property(tries = 2000)
  void nothingButSpacesIsLost(@ForAll("texts") String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    assertThat(String.join("", Tokenizer.words(text))).isEqualTo(lower.replaceAll("\\s", ""));
  }

  @Property(tries = 2000)
  void wordsOfWordsAreTheSameWords(@ForAll("texts") String text) {
    List<String> words = Tokenizer.words(text);
    assertThat(Tokenizer.words(String.join(" ", words))).isEqualTo(words);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("aZ9é'-- \t.$\\<>/語").ofMaxLength(24);
  }
}
