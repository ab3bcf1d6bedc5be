package org.adaptivesoftmax;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.adaptivesoftmax.client.*;
import org.adaptivesoftmax.inference.NextWord;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;

// begin

public class ServingExample {
  public static void main(String[] args) throws Exception {
    ModelDirectory directory = new ModelDirectory(Path.of(args[1])); // savedmodels/wordnet-lm
    try (ModelServerClient server =
            RemoteModel.builder("wordnet-lm")
                .deadline(Duration.ofSeconds(5))
                .grpc(args[0]); // localhost:8500
        ModelServerClient local = LocalModel.builder(directory).cache(10_000).load()) {
      for (ModelServerClient model : List.of(server, local)) {
        List<List<NextWord>> next =
            model.languageModel().complete(List.of("the quick brown", "a fox"));
        System.out.println(next.get(0).get(0).word() + ", " + next.get(1).get(0).word());
      }
    }
  }
}
// end
