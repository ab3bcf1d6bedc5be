package org.adaptivesoftmax.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.savedmodel.Ancestor;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.savedmodel.PublishedCounts;

/**
 * What a version's files tell, which do not change while it is served.
 *
 * @param provenance by key, but for the parent
 * @param ancestors the versions that it was made from, the nearest first
 * @param shares of the counts that it was built on, by cluster, the head first; none if it has no counts
 */
record VersionFacts(Map<String, Object> provenance, List<Ancestor> ancestors, List<Double> shares) {
  /** Nothing, if it tells nothing or its files are damaged: it answers all the same. */
  static VersionFacts read(Path version) {
    try {
      Provenance provenance = Provenance.read(version);
      Map<String, Object> values = new TreeMap<>(provenance.values());
      values.remove(ProvenanceKeys.PARENT);
      return new VersionFacts(values, Ancestor.lineage(provenance), shares(version, provenance));
    } catch (IOException | IllegalArgumentException e) {
      return new VersionFacts(Map.of(), List.of(), List.of());
    }
  }

  private static List<Double> shares(Path version, Provenance provenance) throws IOException {
    Optional<PublishedCounts> counts = PublishedCounts.read(version);
    if (counts.isEmpty() || !provenance.has(ProvenanceKeys.CUTOFFS)) {
      return List.of();
    }
    long[] byRank = counts.get().byRank();
    List<Integer> cutoffs = provenance.integers(ProvenanceKeys.CUTOFFS);
    ClusterPlan plan = new ClusterPlan(byRank.length, byRank.length, cutoffs, 1);
    double[] shares = new double[cutoffs.size() + 1];
    for (int rank = 0; rank < byRank.length; rank++) {
      shares[plan.cluster(rank)] += byRank[rank];
    }
    double total = Math.max(1, Arrays.stream(shares).sum());
    return Arrays.stream(shares).map(share -> share / total).boxed().toList();
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ObjectNode values = json.putObject("provenance");
    provenance.forEach((key, value) -> values.put(key, String.valueOf(value)));
    ArrayNode lineage = json.putArray("ancestors");
    for (Ancestor ancestor : ancestors) {
      lineage
          .addObject()
          .put("model", ancestor.model())
          .put("version", Long.toString(ancestor.version()))
          .put("weights_sha256", ancestor.weightsSha256());
    }
    ArrayNode byCluster = json.putArray("training_shares");
    shares.forEach(byCluster::add);
    return json;
  }
}
