package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** BERT's tokenizer in Java against Hugging Face's. */
class WordPieceTokenizerTest {
  private static final String JSON =
      """
      {"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                 "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4}},
       "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                      "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"}}
      """;

  @TempDir private Path directory;

  @Test
  void cutsTextsAsHuggingFacesTokenizer() throws IOException {
    WordPieceTokenizer tokenizer = WordPieceTokenizer.read(EncoderGolden.directory());
    assertThat(tokenizer.characters()).isEqualTo(BertCharacters.UNCASED);
    assertGolden(tokenizer, "uncased");
    assertGolden(WordPieceTokenizer.of(tokenizer.pieces(), BertCharacters.CASED), "cased");
  }

  private static void assertGolden(WordPieceTokenizer tokenizer, String name) throws IOException {
    List<String> texts = EncoderGolden.texts();
    List<int[]> ids = EncoderGolden.ids(name);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(tokenizer.encode(texts.get(i), 1_000))
          .as(texts.get(i))
          .containsExactly(ids.get(i));
    }
  }

  @Test
  void whatIsOverTheLongestIsLeftOutAtTheEnd() throws IOException {
    WordPieceTokenizer tokenizer = WordPieceTokenizer.read(EncoderGolden.directory());
    int[] whole = tokenizer.encode("unbelievably unaffordable", 100);
    assertThat(whole).hasSizeGreaterThan(8);
    for (int longest = 2; longest < whole.length; longest++) {
      int[] cut = tokenizer.encode("unbelievably unaffordable", longest);
      assertThat(cut).hasSize(longest).startsWith(Arrays.copyOf(whole, longest - 1));
      assertThat(cut[longest - 1]).isEqualTo(tokenizer.id("[SEP]"));
    }
    assertThat(tokenizer.encode("unbelievably unaffordable", whole.length)).isEqualTo(whole);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> tokenizer.encode("a", 1))
        .withMessage("longest must be at least 2: 1");
  }

  @Test
  void readsEitherFile() throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), JSON);
    WordPieceTokenizer tokenizer = WordPieceTokenizer.read(directory);
    assertThat(tokenizer.pieces()).containsExactly("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a");
    assertThat(tokenizer.encode("A b", 9)).containsExactly(2, 4, 1, 3);

    Files.delete(directory.resolve("tokenizer.json"));
    Files.writeString(directory.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\nA\n");
    Files.writeString(
        directory.resolve("tokenizer_config.json"),
        JsonMapper.builder().build().writeValueAsString(Map.of("do_lower_case", false)));
    assertThat(WordPieceTokenizer.read(directory).characters()).isEqualTo(BertCharacters.CASED);
    assertThat(WordPieceTokenizer.read(directory).encode("A a", 9)).containsExactly(2, 4, 1, 3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "WordPiece"               | "BPE"                    | model must be WordPiece: BPE
          "BertNormalizer"          | "NFC"                    | normalizer must be BertNormalizer: NFC
          "BertPreTokenizer"        | "Whitespace"             | pre_tokenizer must be BertPreTokenizer: Whitespace
          "clean_text": true        | "clean_text": false      | clean_text must be true: false
          "unk_token": "[UNK]"      | "unk_token": "<unk>"     | unk_token must be [UNK]: "<unk>"
          word": 100                | word": 50                | max_input_chars_per_word must be 100: 50
          "a": 4                    | "a": 7                   | ids of vocab must be 0 to 4, each once: a has 7
          "a": 4                    | "a": 3                   | ids of vocab must be 0 to 4, each once: a has 3
          "[SEP]": 3                | "b": 3                   | pieces must have an entry [SEP]
          {"model"                  | {"model                  | not JSON: Unexpected character
          """)
  void anotherTokenizersFileIsRefused(String part, String other, String problem)
      throws IOException {
    Path file = directory.resolve("tokenizer.json");
    Files.writeString(file, JSON.replace(part, other));
    assertThatThrownBy(() -> WordPieceTokenizer.read(directory))
        .isInstanceOf(TextFileException.class)
        .hasMessageStartingWith(file + ": " + problem);
  }

  @Test
  void aDirectoryWithoutAVocabularyIsRefused() throws IOException {
    assertThatThrownBy(() -> WordPieceTokenizer.read(directory))
        .hasMessage(directory + ": neither tokenizer.json nor vocab.txt");
    Path file = Files.writeString(directory.resolve("vocab.txt"), "[PAD]\n[UNK]\na\na\n");
    assertThatThrownBy(() -> WordPieceTokenizer.read(directory))
        .hasMessage(file + ": pieces must be distinct: 'a' twice");
  }
}
