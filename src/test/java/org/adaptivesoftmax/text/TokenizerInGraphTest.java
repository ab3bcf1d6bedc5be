package org.adaptivesoftmax.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.text.Tokenizer.Replacement;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.strings.Lower;
import org.tensorflow.op.strings.RegexReplace;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** The list of replacements means in a graph what it means in Java. */
class TokenizerInGraphTest {
  @Test
  void agreesOnEveryCharacter() {
    // Java 17 and TensorFlow know different versions of Unicode; only characters that Java knows.
    assertSameWords(
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
            .filter(Character::isDefined)
            .filter(c -> Character.getType(c) != Character.SURROGATE)
            .filter(c -> Character.getType(c) != Character.PRIVATE_USE || c % 1000 == 0)
            .mapToObj(Character::toString)
            .map(c -> "a" + c + "b " + c)
            .toList());
  }

  @Test
  void agreesOnRandomTexts() {
    String characters = "aZ9é'-- \t\n.$\\<>/語\u2019\u2010\u00AD\u00A0Σİß";
    Random random = new Random(7);
    List<String> texts = new ArrayList<>(List.of("", " ", "'", "-", "--", "'a'"));
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(20); length > 0; length--) {
        text.append(characters.charAt(random.nextInt(characters.length())));
      }
      texts.add(text.toString());
    }
    assertSameWords(texts);
  }

  @Test
  void agreesOnWordNet() throws Exception {
    List<String> texts = new ArrayList<>();
    Corpus.wordNet().forEachLine(texts::add);
    // Every tenth entry holds every kind of text; all of them take ten times as long.
    assertSameWords(
        IntStream.range(0, texts.size() / 10).mapToObj(i -> texts.get(10 * i)).toList());
  }

  private static void assertSameWords(List<String> texts) {
    List<List<String>> words = wordsInGraph(texts);
    List<String> differences =
        IntStream.range(0, texts.size())
            .filter(i -> !Tokenizer.words(texts.get(i)).equals(words.get(i)))
            .mapToObj(i -> "'%s': %s".formatted(texts.get(i), words.get(i)))
            .toList();
    assertThat(differences).isEmpty();
  }

  private static List<List<String>> wordsInGraph(List<String> texts) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TString> input = tf.placeholder(TString.class);
      Operand<TString> text = input;
      for (Replacement replacement : Tokenizer.REPLACEMENTS) {
        text =
            tf.strings.regexReplace(
                text,
                tf.constant(replacement.pattern()),
                tf.constant(replacement.rewrite()),
                RegexReplace.replaceGlobal(true));
      }
      StringSplit split =
          tf.strings.stringSplit(tf.strings.lower(text, Lower.encoding("utf-8")), tf.constant(""));
      String[] array = texts.toArray(String[]::new);
      try (Session session = new Session(graph);
          TString fed = TString.tensorOf(StandardCharsets.UTF_8, NdArrays.vectorOfObjects(array));
          Result result =
              session
                  .runner()
                  .feed(input, fed)
                  .fetch(split.indices())
                  .fetch(split.values())
                  .run()) {
        return rows(texts.size(), (TInt64) result.get(0), (TString) result.get(1));
      }
    }
  }

  private static List<List<String>> rows(int count, TInt64 indices, TString values) {
    List<List<String>> rows = new ArrayList<>();
    IntStream.range(0, count).forEach(i -> rows.add(new ArrayList<>()));
    for (long i = 0; i < values.size(); i++) {
      rows.get((int) indices.getLong(i, 0)).add(values.getObject(i));
    }
    return rows;
  }
}
