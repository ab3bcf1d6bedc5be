package examples.recommender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.client.Prediction;
import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.adaptivesoftmax.savedmodel.ServingSignature;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.LongNdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** Recommends the next of 10,000 items: counts, plans, trains, saves, goes on from there, publishes and answers. */
public final class NextItem {
  private static final int BATCH = 512;
  private static final int TOP = 10;

  private NextItem() {}

  /**
   * How often the item that followed was among the ten recommended.
   *
   * @param head where that was one of the frequent items
   * @param tail where it was a rare one
   */
  public record Recall(double head, double tail) {}

  /**
   * Trains on, or from the start, and saves.
   *
   * @return the mean loss of the last epoch
   */
  static double train(Examples examples, Catalog catalog, Path checkpoint, int from, int to) {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      NextItemModel model = new NextItemModel(tf, catalog);
      Operand<TInt64> next = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(-1)));
      Operand<?> loss = model.softmax.call(tf, model.hidden, next).loss();
      Op step = new Adam(graph, 0.004f).minimize(loss);
      if (from == 0) {
        session.initialize();
      } else {
        session.restore(checkpoint.toString()); // the weights, and Adam's moments
      }
      double mean = 0;
      for (int epoch = from; epoch < to; epoch++) {
        Examples shuffled = examples.shuffled(epoch);
        double sum = 0;
        for (int row = 0; row < shuffled.size(); row += BATCH) {
          Examples batch = shuffled.batch(row, BATCH);
          try (TInt64 histories = TInt64.tensorOf(StdArrays.ndCopyOf(batch.historyRows()));
              TInt64 items = TInt64.vectorOf(batch.nextItems());
              Result result =
                  session
                      .runner()
                      .feed(model.history, histories)
                      .feed(next, items)
                      .addTarget(step)
                      .fetch(loss)
                      .run()) {
            sum += ((TFloat32) result.get(0)).getFloat() * batch.size();
          }
        }
        mean = sum / shuffled.size();
        System.out.printf("epoch %d: loss %.3f%n", epoch + 1, mean);
      }
      session.save(checkpoint.toString());
      return mean;
    }
  }

  /** Makes the trained weights the next version of the model: an inference graph, which has no optimizer. */
  static Path publish(Catalog catalog, Path checkpoint, ModelDirectory directory)
      throws IOException {
    long[][] noHistory = new long[1][NextItemModel.HISTORY];
    Arrays.fill(noHistory[0], Catalog.NONE);
    try (Graph graph = new Graph();
        Session session = new Session(graph);
        TInt64 warmUp = TInt64.tensorOf(StdArrays.ndCopyOf(noHistory))) {
      Ops tf = Ops.create(graph);
      NextItemModel model = new NextItemModel(tf, catalog);
      TopClasses top = model.softmax.topK(tf, model.hidden, TOP);
      session.restore(checkpoint.toString());
      return SavedModelPublisher.builder(session)
          .signature(
              ServingSignature.predict("serving_default")
                  .input("history", model.history)
                  .output("items", top.classes())
                  .output("log_probs", top.logProbs())
                  .build())
          .warmUp(Map.of("history", warmUp))
          .provenance(Map.of("items", catalog.order().size(), "plan", catalog.plan().toString()))
          .build()
          .publish(directory);
    }
  }

  /** The recommended items for each history, best first. */
  static long[][] recommend(LocalModel model, long[][] histories) {
    Prediction answer =
        model.predict("serving_default", Map.of("history", StdArrays.ndCopyOf(histories)));
    LongNdArray items = answer.longs("items");
    return StdArrays.array2dCopyOf(items);
  }

  static Recall recall(LocalModel model, Examples examples, Catalog catalog) {
    int[] found = new int[2];
    int[] all = new int[2];
    for (int row = 0; row < examples.size(); row += BATCH) {
      Examples batch = examples.batch(row, BATCH);
      long[][] recommended = recommend(model, batch.historyRows());
      for (int i = 0; i < batch.size(); i++) {
        long next = batch.next().get(i);
        int part = catalog.isHead(next) ? 0 : 1;
        all[part]++;
        found[part] += Arrays.stream(recommended[i]).anyMatch(item -> item == next) ? 1 : 0;
      }
    }
    return new Recall((double) found[0] / all[0], (double) found[1] / all[1]);
  }

  /**
   * Does it all.
   *
   * @param work an empty directory
   * @return the recall for visits that the model did not see
   */
  public static Recall run(Path work) throws IOException {
    List<long[]> sessions = Sessions.generate(30_000, 1);
    Catalog catalog = Catalog.of(sessions, NextItemModel.WIDTH, BATCH);
    System.out.printf("%d items, cutoffs %s%n", catalog.order().size(), catalog.plan().cutoffs());
    Examples examples = Examples.of(sessions, catalog);
    Path checkpoint = Files.createDirectories(work.resolve("checkpoint")).resolve("weights");
    train(examples, catalog, checkpoint, 0, 2);
    train(examples, catalog, checkpoint, 2, 4); // a day later, in another process
    ModelDirectory directory = new ModelDirectory(work.resolve("next-item"));
    System.out.println("published " + publish(catalog, checkpoint, directory));
    try (LocalModel model = LocalModel.builder(directory).load()) {
      long[] visit = Sessions.generate(1, 3).get(0);
      long[] history = catalog.history(visit, 2, NextItemModel.HISTORY);
      System.out.printf("after %s: ", Arrays.toString(history));
      System.out.println(Arrays.toString(recommend(model, new long[][] {history})[0]));
      Examples unseen = Examples.of(Sessions.generate(2_000, 2), catalog);
      Recall recall = recall(model, unseen, catalog);
      System.out.printf("recall@%d: head %.2f, tail %.2f%n", TOP, recall.head(), recall.tail());
      return recall;
    }
  }

  public static void main(String[] args) throws IOException {
    run(args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("next-item"));
  }
}
