package org.adaptivesoftmax.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.export.TinyLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Tokenizer;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanguageModelScorerTest {
  private static final List<String> LINES =
      List.of("the dog and a zebra", "", "a fox", "don't wake the well-known fox of the garden");

  private final Path directory;

  LanguageModelScorerTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @ParameterizedTest
  @EnumSource
  void scoresAsTheModelWrittenOut(Softmax softmax) throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, softmax);
    Corpus corpus = Corpus.ofFile(Files.write(directory.resolve("lines"), LINES));
    List<LineScores> scores = new ArrayList<>();
    try (LanguageModelScorer scorer = LanguageModelScorer.of(published(tiny))) {
      scorer.forEachLine(corpus, scores::add);
      assertThat(scorer.routes().nTails()).isEqualTo(softmax == Softmax.FULL ? 0 : 2);
    }
    assertThat(scores).extracting(LineScores::line).containsExactlyInAnyOrder(0L, 2L, 3L);
    for (LineScores line : scores) {
      String text = LINES.get((int) line.line());
      assertThat(line.words()).isEqualTo(Tokenizer.words(text));
      double[][] distributions = tiny.naive().distributions(text);
      assertScores(line, targets(tiny.vocabulary(), text), distributions);
    }
  }

  @Test
  void otherWordsAreOneClass() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    Vocabulary own = tiny.vocabulary();
    Path few = Files.write(directory.resolve("few"), List.of("the a zebra", "fox of fox"));
    Vocabulary other = Vocabulary.of(WordCounts.of(Corpus.ofFile(few)));
    String text = "a fox of the garden met a zebra";
    LineScores line;
    try (LanguageModelScorer scorer = LanguageModelScorer.common(published(tiny), other)) {
      line = scorer.score(List.of(text)).get(0);
    }
    boolean[] shared = new boolean[own.size()];
    for (int rank = 0; rank < shared.length; rank++) {
      shared[rank] = rank != own.unknownRank() && other.contains(own.word(rank));
    }
    assertThat(IntStream.range(0, shared.length).filter(rank -> shared[rank]).count()).isEqualTo(5);
    // The last class is all others; those themselves are impossible.
    double[][] distributions = new double[line.tokens()][own.size() + 1];
    for (int token = 0; token < line.tokens(); token++) {
      double[] all = tiny.naive().distributions(text)[token];
      double rest = 0;
      for (int rank = 0; rank < all.length; rank++) {
        distributions[token][rank] = shared[rank] ? all[rank] : Double.NEGATIVE_INFINITY;
        rest += shared[rank] ? 0 : Math.exp(all[rank]);
      }
      distributions[token][own.size()] = Math.log(rest);
    }
    int[] targets = targets(own, text);
    for (int token = 0; token < targets.length; token++) {
      targets[token] = shared[targets[token]] ? targets[token] : own.size();
      line.targets()[token] =
          line.targets()[token] == LineScores.OTHER ? own.size() : line.targets()[token];
      line.best()[token] = line.best()[token] == LineScores.OTHER ? own.size() : line.best()[token];
    }
    assertScores(line, targets, distributions);
  }

  private PublishedLanguageModel published(TinyLanguageModel tiny) throws IOException {
    return PublishedLanguageModel.read(tiny.export(directory).highestVersion());
  }

  private static int[] targets(Vocabulary words, String text) {
    return IntStream.concat(
            Tokenizer.words(text).stream().mapToInt(words::rank),
            IntStream.of(words.boundaryRank()))
        .toArray();
  }

  private static void assertScores(LineScores line, int[] targets, double[][] distributions) {
    assertThat(line.targets()).isEqualTo(targets);
    for (int token = 0; token < targets.length; token++) {
      double[] all = distributions[token];
      List<Integer> order =
          IntStream.range(0, all.length)
              .boxed()
              .sorted(Comparator.comparingDouble(c -> -all[c]))
              .toList();
      assertThat((double) line.logProbs()[token]).isCloseTo(all[targets[token]], within(1e-4));
      assertThat(line.best()[token]).isEqualTo(order.get(0));
      assertThat((double) line.confidences()[token])
          .isCloseTo(Math.exp(all[order.get(0)]), within(1e-5));
      assertThat(line.places()[token])
          .isEqualTo(Math.min(LineScores.TOP, order.indexOf(targets[token])));
    }
  }

  @Test
  void aLineWithoutAWordCannotBeScored() throws IOException {
    TinyLanguageModel tiny = TinyLanguageModel.save(directory, Softmax.ADAPTIVE);
    try (LanguageModelScorer scorer = LanguageModelScorer.of(published(tiny))) {
      assertThatThrownBy(() -> scorer.score(List.of("a", " ")))
          .hasMessage("a line to score must have a word: \" \"");
    }
  }
}
