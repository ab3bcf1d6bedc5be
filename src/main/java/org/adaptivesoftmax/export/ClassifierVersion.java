package org.adaptivesoftmax.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.SavedModelPublisher;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.op.Op;

/**
 * A classifier's graph, to be published with trained weights.
 *
 * @param init makes its tables
 * @param assets adds what the tables are read from
 * @param warmUpWords of the texts that a server is warmed up with
 */
record ClassifierVersion(
    Graph graph,
    List<Signature> signatures,
    Op init,
    Consumer<SavedModelPublisher.Builder> assets,
    List<String> warmUpWords,
    Map<String, ?> provenance) {
  /** Restores the weights and makes the model the next version. */
  Path publish(ModelDirectory model, Path weights) throws IOException {
    try (Session session = new Session(graph)) {
      SavedWeights.restore(session, weights);
      SavedModelPublisher.Builder publisher =
          SavedModelPublisher.builder(session).provenance(provenance).initOp(init);
      signatures.forEach(publisher::signature);
      assets.accept(publisher);
      ClassifierSignatures.addWarmUp(publisher, warmUpWords);
      return publisher.build().publish(model);
    }
  }
}
