-- An address is found by its own index, whatever the planner knew of the table when the plan was made.

-- A second index that begins with the workspace looks as good as the right one while the table is almost empty, and a
-- plan that was kept with it reads the whole workspace for each address.
alter table public.contact_addresses
  drop constraint contact_addresses_contact_of_workspace,
  add constraint contact_addresses_contact_of_workspace
    foreign key (contact_id, workspace_id) references public.contacts (id, workspace_id) on delete cascade;
drop index public.contact_addresses_contact_id_idx;
create index contact_addresses_contact_id_idx on public.contact_addresses (contact_id, workspace_id);

-- So does reading a table of one page from end to end.
alter function private.find_or_create_contacts(uuid, text, text[]) set enable_seqscan = off;
