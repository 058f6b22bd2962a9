// The /graphiql page: GraphiQL over this gateway's own endpoint, with nothing from elsewhere.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import "./page.css";

const query = document.getElementById("query").textContent;
const fetcher = createGraphiQLFetcher({ url: "/graphql", enableIncrementalDelivery: false });

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    defaultQuery={query}
    defaultEditorToolsVisibility="variables"
    shouldPersistHeaders={false}
  />,
);
