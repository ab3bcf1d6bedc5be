package examples.recommender;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NextItemTest {
  @TempDir private Path work;

  @Test
  void recommendsFrequentAndRareItemsFarBetterThanTheMostPopularOnes() throws IOException {
    NextItem.Recall recall = NextItem.run(work);
    List<long[]> sessions = Sessions.generate(30_000, 1);
    Catalog catalog = Catalog.of(sessions, NextItemModel.WIDTH, 512);
    Examples unseen = Examples.of(Sessions.generate(2_000, 2), catalog);
    double popular = popularRecall(unseen, catalog);
    assertTrue(popular < 0.2, "recall of the ten most popular: " + popular);
    assertTrue(recall.head() > 0.75, "head: " + recall);
    assertTrue(recall.tail() > 0.5, "tail: " + recall);
    try (LocalModel model =
        LocalModel.builder(new ModelDirectory(work.resolve("next-item"))).load()) {
      long[][] two = {unseen.histories().get(0), unseen.histories().get(1)};
      long[][] recommended = NextItem.recommend(model, two);
      assertEquals(2, recommended.length);
      for (long[] items : recommended) {
        assertEquals(10, Arrays.stream(items).distinct().count());
        assertTrue(Arrays.stream(items).allMatch(catalog::knows), Arrays.toString(items));
      }
    }
  }

  /** For all items alike, the ten most frequent. */
  private static double popularRecall(Examples examples, Catalog catalog) {
    List<Long> popular = IntStream.range(0, 10).mapToObj(catalog.order()::label).toList();
    return (double) examples.next().stream().filter(popular::contains).count() / examples.size();
  }

  @Test
  void whatIsRestoredIsTrainedOnFromWhereItWas() throws IOException {
    List<long[]> sessions = Sessions.generate(2_000, 1);
    Catalog catalog = Catalog.of(sessions, NextItemModel.WIDTH, 512);
    Examples examples = Examples.of(sessions, catalog);
    Path checkpoint = work.resolve("weights");
    double first = NextItem.train(examples, catalog, checkpoint, 0, 1);
    double second = NextItem.train(examples, catalog, checkpoint, 1, 2);
    assertTrue(second < first - 0.1, "loss %s, then %s".formatted(first, second));
    double inOneGo = NextItem.train(examples, catalog, work.resolve("other"), 0, 2);
    assertNotEquals(first, inOneGo);
    assertEquals(inOneGo, second, 0.02, "restoring must not change what is learned");
  }

  @Test
  void anItemThatIsNotKnownIsNoneInAHistory() {
    List<long[]> sessions = Sessions.generate(500, 1);
    Catalog catalog = Catalog.of(sessions, NextItemModel.WIDTH, 512);
    long known = sessions.get(0)[0];
    assertEquals(
        List.of(Catalog.NONE, Catalog.NONE, known),
        Arrays.stream(catalog.history(new long[] {5, known, 7}, 2, 3)).boxed().toList());
  }
}
