package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.adaptivesoftmax.text.WordNet.Synset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordNetTest {
  @Test
  void hasEverySynsetWithItsLexicographerFile() throws IOException {
    List<Synset> synsets = new ArrayList<>();
    new WordNet().forEachSynset(synsets::add);
    assertThat(synsets).hasSize(117_791);
    assertThat(synsets.get(0))
        .isEqualTo(
            new Synset(
                3,
                "that which is perceived or known or inferred to have its own distinct existence"
                    + " (living or nonliving)"));
    assertThat(synsets)
        .allMatch(synset -> !synset.gloss().isBlank() && !synset.gloss().contains("|"));
    Map<String, Integer> sizes = new TreeMap<>();
    synsets.forEach(synset -> sizes.merge(synset.lexicographerName(), 1, Integer::sum));
    assertThat(sizes).hasSize(45).containsKeys("noun.Tops", "verb.weather", "adj.ppl");
    assertThat(name(synsets, "bursting open with force, as do some ripe seed vessels"))
        .isEqualTo("adj.all");
    assertThat(name(synsets, "in an annoying manner or to an annoying degree"))
        .isEqualTo("adv.all");
    assertThat(name(synsets, "expel air; \"Exhale when you lift the weight\""))
        .isEqualTo("verb.body");
  }

  @Test
  void namesAreThoseOfTheManual() {
    assertThat(WordNet.LEXICOGRAPHER_FILES).hasSize(45).doesNotHaveDuplicates();
    assertThat(new HashSet<>(WordNet.LEXICOGRAPHER_FILES.subList(3, 29)))
        .allMatch(name -> name.startsWith("noun."));
    assertThat(WordNet.LEXICOGRAPHER_FILES.subList(29, 44))
        .allMatch(name -> name.startsWith("verb."));
    assertThat(WordNet.LEXICOGRAPHER_FILES.subList(3, 44).stream().skip(1))
        .doesNotContain("noun.Tops");
    // Within a part of speech the manual's order is alphabetical.
    assertThat(WordNet.LEXICOGRAPHER_FILES.subList(4, 29)).isSorted();
    assertThat(WordNet.LEXICOGRAPHER_FILES.subList(29, 44)).isSorted();
  }

  @Test
  void asACorpusItsLinesAreTheGlosses() throws IOException {
    List<String> glosses = new ArrayList<>();
    new WordNet().forEachSynset(synset -> glosses.add(synset.gloss()));
    List<String> lines = new ArrayList<>();
    Corpus.wordNet().forEachLine(lines::add);
    assertThat(lines).isEqualTo(glosses);
  }

  @Test
  void saysWhichFileIsMissing() {
    WordNet missing = new WordNet(ClassLoader.getPlatformClassLoader());
    assertThatThrownBy(() -> missing.forEachLine(line -> {}))
        .isInstanceOf(TextFileException.class)
        .hasMessage("WordNet has no file net/sf/extjwnl/data/wordnet/wn31/data.noun");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "00001740 03 n 01 entity 0 000; data.noun:2: no gloss",
        "00001740 45 n 01 entity 0 000 | text; data.noun:2: no such lexicographer file: '45'",
        "00001740 x3 n 01 entity 0 000 | text; data.noun:2: no such lexicographer file: 'x3'",
        "0000 | text; data.noun:2: no such lexicographer file: ''",
      })
  void namesFileAndLineOfMalformedData(String line, String message) {
    WordNet malformed = new WordNet(new OneText("  1 licence\n" + line + "\n"));
    assertThatThrownBy(() -> malformed.forEachLine(gloss -> {}))
        .isInstanceOf(TextFileException.class)
        .hasMessage(message);
  }

  private static String name(List<Synset> synsets, String gloss) {
    return synsets.stream()
        .filter(synset -> synset.gloss().equals(gloss))
        .findFirst()
        .orElseThrow()
        .lexicographerName();
  }

  private static final class OneText extends ClassLoader {
    private final String text;

    OneText(String text) {
      this.text = text;
    }

    @Override
    public InputStream getResourceAsStream(String name) {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
